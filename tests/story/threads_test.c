#include <errno.h>
#include <pthread.h>
#include <sys/wait.h>
#include <unistd.h>

#include "harness/look.h"
#include "harness/test.h"

static void first_call(unsigned number)
{
	struct kmem_cache *cache;
	unsigned char *object = kmalloc(100 + number, GFP_KERNEL);

	EXPECT_NE(object, NULL);
	memset(object, (int)number, 100);
	cache = kmem_cache_create("same", 333, 0, 0, NULL);
	kmem_cache_free(cache, kmem_cache_alloc(cache, GFP_KERNEL));
	for (int i = 0; i < 100; i++)
		EXPECT_EQ(object[i], number);
	kfree(object);
	kmem_cache_destroy(cache);
}

TEST(many_threads_may_be_the_first_at_once)
{
	EXPECT(!booted);
	in_threads(16, first_call);
	EXPECT_NULL(slabinfo_line("same"));
	check_everything();
}

enum { RING = 1024, ROUNDS = 100000 };

static struct kmem_cache *cache;
static void *_Atomic ring[RING];

/* Even threads fill the ring, odd ones empty it: every object changes hands. */
static void pass_objects_on(unsigned number)
{
	for (unsigned i = 0; i < ROUNDS; i++) {
		uint64_t *object = NULL;

		if (number % 2 == 0) {
			object = kmem_cache_alloc(cache, GFP_KERNEL);
			EXPECT_NE(object, NULL);
			object[0] = (uintptr_t)object;
		}
		object = atomic_exchange(&ring[i * 7 % RING], object);
		if (object != NULL) {
			EXPECT_EQ(object[0], object);
			object[0] = 0;
			kmem_cache_free(cache, object);
		}
	}
}

static void free_the_rest(void)
{
	for (unsigned i = 0; i < RING; i++)
		kmem_cache_free(cache, ring[i]);
	EXPECT_EQ(kmem_cache_shrink(cache), 0);
	EXPECT_EQ(slabs_of(cache), 0);
	check_everything();
}

TEST(objects_change_hands_between_threads)
{
	cache = cache_of("story", 64);
	in_threads(4, pass_objects_on);
	free_the_rest();
}

static void pass_objects_between_nodes(unsigned number)
{
	run_on_cpu((int)number);
	pass_objects_on(number);
}

TEST_ON(FOUR_CPUS_TWO_NODES, objects_change_hands_between_nodes)
{
	cache = cache_of("story", 64);
	in_threads(4, pass_objects_between_nodes);
	free_the_rest();
}

static void tune_or_use(unsigned number)
{
	uint64_t random = number + 1;

	if (number != 0) {
		pass_objects_on(number);
		return;
	}
	for (int i = 0; i < 1000; i++) {
		int limit = 1 + (int)(random_next(&random) % 600);
		int batch = 1 + (int)(random_next(&random) % (unsigned)limit);

		EXPECT_EQ(kmem_cache_tune(cache, limit, batch, (int)(random_next(&random) % 9)), 0);
		EXPECT_EQ(cache->cpu.limit, limit);
		if (i % 16 == 0)
			kmem_cache_shrink(cache);
	}
}

TEST(array_sizes_change_while_threads_go_on)
{
	cache = cache_of("story", 64);
	in_threads(5, tune_or_use);
	free_the_rest();
	EXPECT_EQ(kmem_cache_tune(cache, 7, 3, 0), 0);
	kmem_cache_free(cache, kmem_cache_alloc(cache, GFP_KERNEL));
	EXPECT_NE(slabinfo_line("story"), NULL);
}

static void use_guarded(unsigned number)
{
	kmem_vfork_guard(true);
	EXPECT_EQ(thread_mode(), backend_is_rseq() ? THREAD_BYPASS : THREAD_LOCKED);
	pass_objects_on(number);
	kmem_vfork_guard(false);
	EXPECT_EQ(thread_mode(), backend_is_rseq() ? THREAD_RSEQ : THREAD_LOCKED);
	pass_objects_on(number);
}

TEST(a_guarded_thread_goes_past_the_arrays)
{
	cache = cache_of("story", 64);
	in_threads(4, use_guarded);
	free_the_rest();
}

static void one_call(unsigned number)
{
	kfree(kmalloc(number + 1, GFP_KERNEL));
}

TEST(threads_leave_nothing_behind)
{
	size_t before;

	for (int i = 0; i < 200; i++)
		in_threads(4, one_call);
	before = pages_committed() - pages_free_count();
	for (int i = 0; i < 500; i++)
		in_threads(4, one_call);
	EXPECT(pages_committed() - pages_free_count() <= before + 16);
}

static _Atomic bool children_done;

static void use_or_fork(unsigned number)
{
	if (number != 0) {
		while (!children_done)
			kfree(kmalloc(number * 100, GFP_KERNEL));
		return;
	}
	for (int i = 0; i < 50; i++) {
		int status = -1;
		pid_t child = fork();

		if (child == 0) {
			alarm(20);
			for (int k = 0; k < 1000; k++)
				kfree(kmalloc((size_t)k, GFP_KERNEL));
			check_everything();
			_exit(0);
		}
		EXPECT_EQ(waitpid(child, &status, 0), child);
		EXPECT_EQ(status, 0);
	}
	children_done = true;
}

TEST_ON("reap_ms:5 decay_ms:0", fork_children_of_a_program_with_threads_work)
{
	in_threads(3, use_or_fork);
}

/*
 * Memory for code that may have interrupted anything.
 */
#include <ukmem/debug.h>

#include <signal.h>
#include <stdio.h>
#include <sys/time.h>
#include <sys/wait.h>
#include <unistd.h>

#include "base/bits.h"
#include "harness/look.h"
#include "harness/test.h"
#include "os/clock.h"
#include "slab/hooks.h"

static struct kmem_cache *kmalloc_cache(size_t size)
{
	void *object = kmalloc(size, GFP_KERNEL);
	struct kmem_cache *cache = cache_of_layout(slab_of_object(object)->layout);

	kfree(object);
	return cache;
}

TEST(kmalloc_nolock_and_kfree_nolock_are_a_pair)
{
	struct kmem_cache *cache = kmalloc_cache(100);
	unsigned char *object = kmalloc_nolock(100, __GFP_ZERO, NUMA_NO_NODE);

	EXPECT_NE(object, NULL);
	EXPECT_EQ(object[99], 0);
	kfree_nolock(object);
	kfree(kmalloc_nolock(100, 0, 0));
	kfree_nolock(kmalloc(100, GFP_KERNEL));
	EXPECT_EQ(kmalloc_nolock(0, 0, NUMA_NO_NODE), ZERO_SIZE_PTR);
	EXPECT_NULL(kmalloc_nolock(KMALLOC_MAX_SIZE + 1, 0, NUMA_NO_NODE));
	EXPECT_NULL(kmalloc_nolock(100, 0, 77));
	kfree_nolock(NULL);
	kfree_nolock(ZERO_SIZE_PTR);
	EXPECT_EQ(kmem_cache_shrink(cache), 0);
}

TEST_ON(FOUR_CPUS_TWO_NODES, a_free_under_the_nodes_lock_waits_and_is_freed_later)
{
	struct kmem_cache *cache;
	void *remote;

	run_on_cpu(0);
	cache = kmalloc_cache(100);
	remote = kmalloc_node(100, GFP_KERNEL | __GFP_THISNODE, 1);
	lock_take(&node_of(cache, 1)->list_lock);
	kfree_nolock(remote);                           /* this would wait for ever */
	lock_drop(&node_of(cache, 1)->list_lock);
	EXPECT_EQ(cache_active_objects(cache) != 0, true);
	EXPECT_EQ(kmem_cache_shrink(cache), 0);         /* now it went home */
	check_everything();
}

/* Four bytes have no room for a link; what is behind them is a zone. */
TEST_ON("debug:FZPU", an_object_with_checks_waits_as_it_is)
{
	struct kmem_cache *cache = kmalloc_cache(4);
	char *object = kmalloc_nolock(4, 0, NUMA_NO_NODE);

	memset(object, 'x', 4);
	kfree_nolock(object);
	EXPECT_EQ(kmem_cache_shrink(cache), 0);
	EXPECT_EQ(kmem_cache_verify(cache), 0);
	check_everything();
}

static void free_twice(void)
{
	struct kmem_cache *cache = kmalloc_cache(4);
	void *object = kmalloc(4, GFP_KERNEL);

	kfree_nolock(object);
	kfree_nolock(object);
	kmem_cache_shrink(cache);
}

TEST_ON("debug:FZPU", a_second_kfree_nolock_is_seen)
{
	EXPECT_ABORT(free_twice, "double free of");
}

static void write_after(void)
{
	struct kmem_cache *cache = kmalloc_cache(40);
	char *object = kmalloc(40, GFP_KERNEL);

	kmalloc(40, GFP_KERNEL);        /* keeps the slab */
	kfree_nolock(object);
	kmem_cache_shrink(cache);
	object[1] = 1;
	kmem_cache_verify(cache);
}

TEST_ON("debug:FZPU debug_quarantine:0", what_kfree_nolock_freed_is_poisoned)
{
	EXPECT_ABORT(write_after, "write after free of");
}

TEST_ON(FOUR_CPUS_TWO_NODES, a_remote_free_goes_home_at_once_when_nobody_holds_the_lock)
{
	struct kmem_cache *cache;
	size_t free_objects;
	void *remote;

	run_on_cpu(0);
	cache = kmalloc_cache(100);
	remote = kmalloc_node(100, GFP_KERNEL | __GFP_THISNODE, 1);
	free_objects = node_of(cache, 1)->free_objects;
	kfree_nolock(remote);
	EXPECT_EQ(node_of(cache, 1)->free_objects, free_objects + 1);
}

TEST_ON(FOUR_CPUS, a_full_array_is_passed_by)
{
	void *objects[200];
	struct kmem_cache *cache;

	run_on_cpu(0);
	cache = kmalloc_cache(100);
	for (int i = 0; i < 200; i++)
		objects[i] = kmalloc(100, GFP_KERNEL);
	for (int i = 0; i < 200; i++)
		kfree_nolock(objects[i]);
	EXPECT_EQ(array_of(cache, 0)->avail, array_of(cache, 0)->limit);
	EXPECT_EQ(kmem_cache_shrink(cache), 0);
	check_everything();
}

static struct slab_hooks slow_hooks;
static bool (*may_free_at_once)(const struct slab_layout *layout, void *object, const void *caller);
static struct kmem_cache *slow_cache;
static _Atomic bool is_freeing;

static bool may_free_slowly(const struct slab_layout *layout, void *object, const void *caller)
{
	if (!atomic_exchange(&is_freeing, true))
		usleep(40000);
	return may_free_at_once(layout, object, caller);
}

static void shrink_twice(unsigned number)
{
	while (number == 1 && !is_freeing)
		usleep(100);
	EXPECT_EQ(kmem_cache_shrink(slow_cache), 0);
}

/* One object waits to be freed, which will take a while. */
static void let_one_wait(void)
{
	slow_cache = kmalloc_cache(100);
	slow_hooks = *slow_cache->layout.hooks;
	may_free_at_once = slow_hooks.may_free;
	slow_hooks.may_free = may_free_slowly;
	slow_cache->layout.hooks = &slow_hooks;
	kfree_nolock(kmalloc(100, GFP_KERNEL));
}

TEST_ON("debug:FZ debug_quarantine:0", shrink_waits_for_what_another_thread_took_to_free)
{
	let_one_wait();
	in_threads(2, shrink_twice);
	EXPECT(is_freeing);
}

/* The threads that free something in the parent are not in the child. */
static void fork_meanwhile(unsigned number)
{
	uint64_t begin, least_ms = 1000;
	int status;

	while (number == 1 && !is_freeing)
		usleep(100);
	if (number == 0) {
		EXPECT_EQ(kmem_cache_shrink(slow_cache), 0);
		return;
	}
	if (fork() != 0) {
		EXPECT(wait(&status) > 0);
		EXPECT_EQ(status, 0);
		return;
	}
	for (int i = 0; i < 5; i++) {           /* a busy machine makes one or the other slow */
		begin = clock_ms();
		kmem_cache_shrink(slow_cache);
		least_ms = min_size(least_ms, clock_ms() - begin);
	}
	_exit(least_ms < 50 ? 0 : 1);
}

TEST_ON("debug:FZ debug_quarantine:0", a_fork_child_waits_for_none_of_its_parents_threads)
{
	let_one_wait();
	in_threads(2, fork_meanwhile);
}

static volatile unsigned long taken, refused;

static void on_timer(int number)
{
	void *objects[8];

	(void)number;
	for (int i = 0; i < 8; i++) {
		objects[i] = kmalloc_nolock(40u << i, 0, NUMA_NO_NODE);
		if (objects[i] != NULL)
			taken++;
		else
			refused++;
	}
	for (int i = 0; i < 8; i++)
		kfree_nolock(objects[i]);
}

/* Whatever the handler interrupts: hits, misses, flushes, growing, shrinking, creation. */
TEST_ON("reap_ms:3 slab_max_order:0", a_handler_may_interrupt_anything)
{
	struct itimerval every = { { 0, 100 }, { 0, 100 } }, never = { 0 };
	uint64_t random = 5;
	void *objects[300];

	signal(SIGALRM, on_timer);
	setitimer(ITIMER_REAL, &every, NULL);
	for (int round = 0; taken < 20000; round++) {
		struct kmem_cache *cache = kmalloc_cache(40u << random_next(&random) % 8);

		for (int i = 0; i < 300; i++)
			objects[i] = kmalloc(40u << random_next(&random) % 8, GFP_KERNEL);
		for (int i = 0; i < 300; i++)
			kfree(objects[i]);
		if (round % 8 == 0)
			kmem_cache_shrink(cache);
		if (round % 16 == 0)
			kmem_cache_destroy(cache_of("story", 1000));
	}
	setitimer(ITIMER_REAL, &never, NULL);
	printf("    %lu taken in a handler, %lu refused\n", taken, refused);
	check_everything();
}

/*
 * Guarded objects (sample:N): they are objects like others while nothing is wrong.
 */
#include <ukmem/debug.h>

#include <errno.h>
#include <signal.h>
#include <sys/mman.h>
#include <sys/wait.h>
#include <unistd.h>

#include "base/bits.h"
#include "debug/guard.h"
#include "harness/fake_os.h"
#include "harness/look.h"
#include "harness/test.h"
#include "os/clock.h"
#include "os/ops.h"

TEST_ON("sample:1", every_miss_is_guarded_and_objects_are_whole)
{
	static const unsigned sizes[] = { 1, 24, 64, 100, 1000, 4096 };

	for (size_t i = 0; i < ARRAY_LENGTH(sizes); i++) {
		struct kmem_cache *cache = cache_of("any", sizes[i]);
		char *object = kmem_cache_zalloc(cache, GFP_KERNEL);

		EXPECT(guard_owns(object));
		EXPECT_EQ((size_t)object % cache->layout.align, 0);
		for (unsigned n = 0; n < sizes[i]; n++)
			EXPECT_EQ(object[n], 0);
		memset(object, 'A', sizes[i]);
		kmem_cache_free(cache, object);
		kmem_cache_destroy(cache);
	}
}

TEST_ON("sample:1", kmalloc_ksize_and_krealloc_know_them)
{
	char *object = kmalloc(50, GFP_KERNEL);

	EXPECT(guard_owns(object));
	EXPECT_EQ(ksize(object), 64);
	memset(object, 'A', 64);
	EXPECT_EQ(krealloc(object, 64, GFP_KERNEL), object);
	object = krealloc(object, 65, GFP_KERNEL);
	EXPECT_EQ(object[63], 'A');
	object[64] = 'B';
	kfree(object);
	kvfree(kvmalloc(50, GFP_KERNEL));
	kfree_nolock(kmalloc(50, GFP_KERNEL));
}

/* With mlockall(2) the system refuses to purge. */
TEST_ON("sample:1", what_was_there_is_gone_though_the_page_stays)
{
	struct kmem_cache *small, *large;

	fake_os_install();
	small = cache_of("small", 40);
	large = cache_of("large", 400);
	for (unsigned i = 0; i < 300; i++) {            /* once around, and more */
		struct kmem_cache *cache = i % 2 == i / 256 ? large : small;
		char *object = kmem_cache_alloc(cache, GFP_KERNEL);

		EXPECT(guard_owns(object));
		EXPECT_EQ(object[0], 0);
		memset(object, 'A', 40);
		fake_os_refuse(1);
		kmem_cache_free(cache, object);
		EXPECT(fake_os_has_refused());
	}
}

TEST_ON("sample:1", one_may_be_freed_where_another_was_just_being_taken)
{
	void *object = kmalloc(50, GFP_KERNEL);

	EXPECT(guard_owns(object));
	lock_take(&guard_lock);
	kfree_nolock(object);
	lock_drop(&guard_lock);
}

TEST_ON("sample:1", when_all_are_taken_misses_are_served_as_usual)
{
	struct kmem_cache *cache = cache_of("box", 64);
	unsigned guarded = 0;
	void *objects[400];

	take_objects(cache, objects, 400);
	for (int i = 0; i < 400; i++)
		guarded += guard_owns(objects[i]);
	EXPECT_EQ(guarded, 256);
	give_objects(cache, objects, 400);
	EXPECT_EQ(kmem_cache_shrink(cache), 0);
	check_everything();
}

TEST_ON("sample:1", a_cache_with_guarded_objects_out_is_kept)
{
	struct kmem_cache *cache = cache_of("letters", 200);
	char *object = kmem_cache_alloc(cache, GFP_KERNEL);

	EXPECT(guard_owns(object));
	EXPECT_EQ(kmem_cache_shrink(cache), 1);
	log_begin();
	kmem_cache_destroy(cache);
	EXPECT_CONTAINS(log_end(), "(letters): 1 objects are still out");
	kmem_cache_free(cache, object);
	EXPECT_EQ(kmem_cache_shrink(cache), 0);
	log_begin();
	kmem_cache_destroy(cache);
	EXPECT_STR(log_end(), "");
}

static void write_after_its_cache_is_gone(void)
{
	struct kmem_cache *cache = cache_of("letters", 200);
	char *object = kmem_cache_alloc(cache, GFP_KERNEL);

	EXPECT(guard_owns(object));
	kmem_cache_free(cache, object);
	kmem_cache_destroy(cache);
	EXPECT_EQ(cache_of("keys", 200), cache);
	*(volatile char *)object = 1;
}

TEST_ON("sample:1", a_late_write_is_reported_under_the_name_of_the_cache_that_was)
{
	EXPECT_ABORT(write_after_its_cache_is_gone, "of cache letters");
}

TEST_ON("sample:1", objects_that_late_readers_may_look_at_are_never_guarded)
{
	struct kmem_cache *rcu = kmem_cache_create("rcu", 64, 0, SLAB_TYPESAFE_BY_RCU, NULL);
	struct kmem_cache *large = cache_of("large", 4097);

	EXPECT(!guard_owns(kmem_cache_alloc(rcu, GFP_KERNEL)));
	EXPECT(!guard_owns(kmem_cache_alloc(large, GFP_KERNEL)));
	EXPECT(!guard_owns(kmem_cache_alloc(cache_of("box", 64), GFP_ATOMIC)));
}

static void construct(void *object)
{
	*(int *)object = 42;
}

TEST_ON("sample:1", guarded_objects_are_constructed)
{
	struct kmem_cache *nodes = kmem_cache_create("nodes", 64, 0, 0, construct);

	for (int i = 0; i < 3; i++) {
		int *node = kmem_cache_alloc(nodes, GFP_KERNEL);

		EXPECT(guard_owns(node));
		EXPECT_EQ(*node, 42);
		kmem_cache_free(nodes, node);
	}
}

TEST_ON("sample:3", one_miss_in_n_but_not_twice_in_a_tick)
{
	uint64_t end_ms = clock_ms() + 40;      /* ten ticks */
	unsigned guarded = 0, misses = 0;

	for (; misses < 3000 || clock_ms() < end_ms; misses++) {
		struct kmem_cache *cache = cache_of("box", 64);
		void *object = kmem_cache_alloc(cache, GFP_KERNEL);

		guarded += guard_owns(object);
		kmem_cache_free(cache, object);
		kmem_cache_destroy(cache);
	}
	EXPECT(guarded >= 2 && guarded <= misses / 3);
}

/* What was found is told, and the program goes on; the next owner is not to blame. */
TEST_ON("sample:1 debug_abort:no", what_is_written_after_a_free_that_was_reported_is_nobodys)
{
	volatile char *freed = kmalloc(64, GFP_KERNEL);

	kfree((void *)freed);
	log_begin();
	freed[0] = 'A';
	EXPECT_CONTAINS(log_end(), "write after free");
	memset((char *)align_down((size_t)freed, PAGE_BYTES), 'A', PAGE_BYTES);
	for (int i = 0; i < 300; i++) {
		char *object = kmalloc(64, GFP_KERNEL);

		EXPECT(guard_owns(object));
		EXPECT_EQ(object[0], 0);
		kfree(object);
	}
	EXPECT_EQ(kmem_reports(), 1);
}

/*
 * What SIGSTKSZ was while it was a number, and what programs make that want to tell of an overflow
 * of their stack. Behind it, nothing.
 */
#ifdef __aarch64__
enum { SMALL = 16384 };
#else
enum { SMALL = 8192 };
#endif

static void write_after_free_with_a_small_signal_stack(void)
{
	char *below = mmap(NULL, 2 * SMALL, PROT_NONE, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
	stack_t stack = { .ss_sp = below + SMALL, .ss_size = SMALL };
	volatile char *object = kmalloc(64, GFP_KERNEL);

	EXPECT_EQ(mprotect(stack.ss_sp, SMALL, PROT_READ | PROT_WRITE), 0);
	EXPECT_EQ(sigaltstack(&stack, NULL), 0);
	kfree((void *)object);
	object[0] = 'A';
}

TEST_ON("sample:1", a_fault_is_told_of_on_a_small_signal_stack)
{
	EXPECT_ABORT(write_after_free_with_a_small_signal_stack, "write after free, byte 0");
}

static void *freed_twice;
static int (*real_purge)(void *address, size_t bytes);

/* Another thread, while the first one's free is half way. */
static int purge_and_free_again(void *address, size_t bytes)
{
	os_ops.purge = real_purge;
	kfree(freed_twice);
	return real_purge(address, bytes);
}

TEST_ON("sample:1 debug_abort:no", of_two_frees_at_once_the_second_is_told)
{
	freed_twice = kmalloc(64, GFP_KERNEL);
	EXPECT(guard_owns(freed_twice));
	real_purge = os_ops.purge;
	os_ops.purge = purge_and_free_again;
	log_begin();
	kfree(freed_twice);
	EXPECT_CONTAINS(log_end(), "double free of");
	EXPECT_EQ(kmem_reports(), 1);
}

static volatile int chained, *volatile nowhere;

static void before_us(int number)
{
	chained = number;
	_exit(7);
}

TEST_ON("sample:1", other_faults_go_to_who_asked_for_them_first)
{
	int status;

	if (fork() == 0) {
		signal(SIGSEGV, before_us);
		kfree(kmalloc(8, GFP_KERNEL));
		*nowhere = 0;
		_exit(0);
	}
	EXPECT(wait(&status) > 0);
	EXPECT_EQ(WEXITSTATUS(status), 7);
	if (fork() == 0) {
		kfree(kmalloc(8, GFP_KERNEL));
		*nowhere = 0;
		_exit(0);
	}
	EXPECT(wait(&status) > 0);
	EXPECT(WIFSIGNALED(status) && WTERMSIG(status) == SIGSEGV);
}

/* As if nobody caught it. */
TEST_ON("sample:1", a_fault_that_somebody_sent_is_what_it_is_elsewhere)
{
	int status;

	if (fork() == 0) {
		kfree(kmalloc(8, GFP_KERNEL));
		raise(SIGSEGV);
		_exit(0);
	}
	EXPECT(wait(&status) > 0);
	EXPECT(WIFSIGNALED(status) && WTERMSIG(status) == SIGSEGV);
	if (fork() == 0) {
		signal(SIGSEGV, SIG_IGN);
		kfree(kmalloc(8, GFP_KERNEL));
		raise(SIGSEGV);
		_exit(7);
	}
	EXPECT(wait(&status) > 0);
	EXPECT_EQ(WEXITSTATUS(status), 7);
}

/*
 * Fault injection: what is refused, when, and to whom.
 */
#include <ukmem/debug.h>

#include <errno.h>
#include <stdatomic.h>
#include <sys/syscall.h>
#include <unistd.h>

#include "debug/sample.h"
#include "harness/look.h"
#include "harness/test.h"

static struct kmem_cache *failing_cache(void)
{
	struct kmem_cache *cache = kmem_cache_create("fails", 64, 0, SLAB_FAILSLAB, NULL);

	EXPECT_NE(cache, NULL);
	return cache;
}

/* Of @count allocations, which are refused: a bit each, the first one lowest. */
static uint64_t refused_of(struct kmem_cache *cache, unsigned count)
{
	uint64_t refused = 0;

	for (unsigned i = 0; i < count; i++) {
		void *object = kmem_cache_alloc(cache, GFP_KERNEL);

		if (object == NULL)
			refused |= UINT64_C(1) << i;
		kmem_cache_free(cache, object);
	}
	return refused;
}

TEST(every_third_is_refused)
{
	struct kmem_cache *cache = failing_cache();
	struct kmem_fail fail = { .interval = 3, .probability = 100, .times = -1 };

	EXPECT_EQ(refused_of(cache, 9), 0);
	EXPECT_EQ(kmem_fail_set(KMEM_FAIL_SLAB, &fail), 0);
	EXPECT_EQ(refused_of(cache, 9), 0x124);
	EXPECT_EQ(kmem_fail_count(KMEM_FAIL_SLAB), 3);
	EXPECT_EQ(kmem_fail_set(KMEM_FAIL_SLAB, NULL), 0);
	EXPECT_EQ(refused_of(cache, 9), 0);
}

TEST(a_refused_object_comes_with_enomem)
{
	struct kmem_cache *cache = failing_cache();

	kmem_fail_set(KMEM_FAIL_SLAB, &(struct kmem_fail){ .probability = 100, .times = 1 });
	EXPECT_REFUSED(kmem_cache_alloc(cache, GFP_KERNEL), ENOMEM);
	EXPECT_NE(kmem_cache_alloc(cache, GFP_KERNEL), NULL);
}

TEST(it_happens_so_many_times_and_after_so_many_bytes)
{
	struct kmem_cache *cache = failing_cache();
	struct kmem_fail fail = { .probability = 100, .times = 2, .space = 3 * 64 };

	kmem_fail_set(KMEM_FAIL_SLAB, &fail);
	EXPECT_EQ(refused_of(cache, 10), 0x18);
}

TEST(probability_is_in_a_hundred)
{
	struct kmem_cache *cache = failing_cache();
	unsigned refused = 0;

	kmem_fail_set(KMEM_FAIL_SLAB, &(struct kmem_fail){ .probability = 20, .times = -1 });
	for (int i = 0; i < 100; i++)
		refused += (unsigned)__builtin_popcountl(refused_of(cache, 50));
	EXPECT(refused > 850 && refused < 1150);
	EXPECT_EQ(kmem_fail_set(KMEM_FAIL_SLAB, &(struct kmem_fail){ .probability = 101 }), -EINVAL);
	EXPECT_EQ(kmem_fail_set((enum kmem_fail_what)3, NULL), -EINVAL);
}

TEST(caches_that_did_not_ask_are_not_refused)
{
	kmem_fail_set(KMEM_FAIL_SLAB, &(struct kmem_fail){ .probability = 100, .times = -1 });
	EXPECT_EQ(refused_of(cache_of("plain", 64), 50), 0);
	EXPECT_NE(kmalloc(64, GFP_KERNEL), NULL);
}

TEST_ON("debug:A,kmalloc*", sizes_are_those_asked_for)
{
	kmem_fail_set(KMEM_FAIL_SLAB, &(struct kmem_fail){
		.probability = 100, .times = -1, .size_min = 50, .size_max = 60 });
	EXPECT_NE(kmalloc(49, GFP_KERNEL), NULL);
	EXPECT_NULL(kmalloc(50, GFP_KERNEL));
	EXPECT_NULL(kmalloc(60, GFP_KERNEL));
	EXPECT_NE(kmalloc(61, GFP_KERNEL), NULL);
	EXPECT_NE(kmalloc(50, GFP_KERNEL | __GFP_NOFAIL), NULL);
}

static struct kmem_cache *threads_cache;
static void *threads_object;

static void alloc_in_thread(unsigned number)
{
	(void)number;
	threads_object = kmem_cache_alloc(threads_cache, GFP_KERNEL);
}

TEST(one_thread_is_refused_and_others_are_not)
{
	threads_cache = failing_cache();
	kmem_fail_set(KMEM_FAIL_SLAB, &(struct kmem_fail){
		.probability = 100, .times = -1, .thread = (pid_t)syscall(SYS_gettid) });
	EXPECT_NULL(kmem_cache_alloc(threads_cache, GFP_KERNEL));
	in_threads(1, alloc_in_thread);
	EXPECT_NE(threads_object, NULL);
}

static __attribute__((noinline, aligned(64))) void *alloc_here(struct kmem_cache *cache)
{
	void *object = kmem_cache_alloc(cache, GFP_KERNEL);

	__asm__ volatile("" : "+r"(object));
	return object;
}

static __attribute__((noinline, aligned(64))) void *alloc_there(struct kmem_cache *cache)
{
	void *object = kmem_cache_alloc(cache, GFP_KERNEL);

	__asm__ volatile("nop" : "+r"(object));  /* another function than alloc_here */
	return object;
}

TEST(only_callers_through_one_function_are_refused)
{
	struct kmem_cache *cache = failing_cache();

	kmem_fail_set(KMEM_FAIL_SLAB, &(struct kmem_fail){
		.probability = 100, .times = -1,
		.stack_from = (void *)alloc_here, .stack_to = (char *)(void *)alloc_here + 40 });
	EXPECT_NULL(alloc_here(cache));
	EXPECT_NE(alloc_there(cache), NULL);
}

/* ---- A cache that is there ----------------------------------------------------------------- */

TEST(a_cache_that_is_in_use_can_be_refused_objects_and_no_longer)
{
	struct kmem_cache *cache = cache_of("plain", 64), *other = cache_of("other", 64);
	void *before[300];

	take_objects(cache, before, 300);
	give_objects(cache, before, 200);
	kmem_fail_set(KMEM_FAIL_SLAB, &(struct kmem_fail){
		.interval = 2, .probability = 100, .times = -1 });
	EXPECT_EQ(refused_of(cache, 20), 0);
	EXPECT_EQ(kmem_cache_fail(cache, 1), 0);
	EXPECT_EQ(refused_of(cache, 20), 0xaaaaa);
	EXPECT_EQ(refused_of(other, 20), 0);
	EXPECT_EQ(kmem_cache_fail(cache, 0), 0);
	EXPECT_EQ(refused_of(cache, 20), 0);
	EXPECT_EQ(kmem_cache_fail(cache, 1), 0);
	EXPECT_EQ(__builtin_popcountl(refused_of(cache, 20)), 10);
	give_objects(cache, before + 200, 100);
	EXPECT_EQ(kmem_cache_fail(NULL, 1), -EINVAL);
	check_everything();
}

TEST(a_cache_that_is_refused_objects_does_not_serve_for_another)
{
	struct kmem_cache *cache = kmem_cache_create("plain", 64, 0, 0, NULL);

	EXPECT_EQ(kmem_cache_create("like it", 64, 0, 0, NULL), cache);
	EXPECT_EQ(kmem_cache_fail(cache, 1), 0);
	EXPECT_NE(kmem_cache_create("new", 64, 0, 0, NULL), cache);
	EXPECT_EQ(kmem_cache_fail(cache, 0), 0);
}

TEST_ON("debug:FZPU", a_cache_with_checks_keeps_them)
{
	struct kmem_cache *cache = cache_of("checked", 64);

	kmem_fail_set(KMEM_FAIL_SLAB, &(struct kmem_fail){ .probability = 100, .times = 1 });
	EXPECT_EQ(kmem_cache_fail(cache, 1), 0);
	EXPECT_EQ(refused_of(cache, 5), 1);
	EXPECT(kmem_cache_verify(cache) == 0 && (cache->layout.checks & SLAB_POISON));
}

TEST_ON("heap_sample:1", a_cache_that_is_sampled_stays_so)
{
	struct kmem_cache *cache = cache_of("sampled", 64);
	uint64_t before, sampled = 0;

	kmem_fail_set(KMEM_FAIL_SLAB, &(struct kmem_fail){ .probability = 100, .times = 1 });
	EXPECT_EQ(kmem_cache_fail(cache, 1), 0);
	for (unsigned i = 0; i < SAMPLE_SITES; i++)
		sampled += sampler->site[i].allocated;
	before = sampled;
	EXPECT_EQ(refused_of(cache, 50), 1);
	for (unsigned i = 0; i < SAMPLE_SITES; i++)
		sampled += sampler->site[i].allocated;
	EXPECT_EQ(sampled, 2 * before + 49);
}

static atomic_bool switched;

static void use_until_switched(unsigned number)
{
	void *object;

	(void)number;
	do {
		object = kmem_cache_alloc(threads_cache, GFP_KERNEL);
		kmem_cache_free(threads_cache, object);
	} while (!switched);
	EXPECT_NULL(kmem_cache_alloc(threads_cache, GFP_KERNEL));
}

static void switch_or_use(unsigned number)
{
	if (number != 0) {
		use_until_switched(number);
		return;
	}
	EXPECT_EQ(kmem_cache_fail(threads_cache, 1), 0);
	switched = true;
}

TEST(it_can_be_switched_on_while_others_use_the_cache)
{
	threads_cache = cache_of("busy", 64);
	switched = false;
	kmem_fail_set(KMEM_FAIL_SLAB, &(struct kmem_fail){ .probability = 100, .times = -1 });
	in_threads(4, switch_or_use);
	check_everything();
}

TEST(pages_are_refused_and_come_again)
{
	struct kmem_cache *cache = cache_of("plain", 2000);

	EXPECT_EQ(boot_ensure(), 0);
	kmem_fail_set(KMEM_FAIL_PAGE_ALLOC, &(struct kmem_fail){ .probability = 100, .times = -1 });
	EXPECT_REFUSED(kmem_cache_alloc(cache, GFP_KERNEL), ENOMEM);
	EXPECT(kmem_fail_count(KMEM_FAIL_PAGE_ALLOC) != 0);
	kmem_fail_set(KMEM_FAIL_PAGE_ALLOC, NULL);
	EXPECT_NE(kmem_cache_alloc(cache, GFP_KERNEL), NULL);
	check_everything();
}

TEST(system_calls_are_refused_and_work_again)
{
	EXPECT_NE(kvmalloc(64 << 20, GFP_KERNEL), NULL);
	kmem_fail_set(KMEM_FAIL_OS, &(struct kmem_fail){ .probability = 100, .times = -1 });
	EXPECT_REFUSED(kvmalloc(64 << 20, GFP_KERNEL), ENOMEM);
	kmem_fail_set(KMEM_FAIL_OS, NULL);
	EXPECT_NE(kvmalloc(64 << 20, GFP_KERNEL), NULL);
}

TEST_ON("failslab:2,100,0,-1", the_option_alone_means_all_caches)
{
	struct kmem_cache *cache = kmem_cache_create("any", 64, 0, 0, NULL);

	EXPECT_EQ(__builtin_popcountl(refused_of(cache, 20)), 10);
}

TEST_ON("failslab:1,100,0,3 debug:A,some", the_option_may_name_caches)
{
	struct kmem_cache *some = kmem_cache_create("some", 64, 0, 0, NULL);
	struct kmem_cache *other = kmem_cache_create("other", 64, 0, 0, NULL);

	EXPECT_EQ(refused_of(other, 20), 0);
	EXPECT_EQ(refused_of(some, 20), 7);
}

TEST_ON("fail_os:1,100,0,2", a_boot_is_refused_so_often_and_no_more_however_often_it_is_tried)
{
	unsigned tries = 1;

	while (tries < 20 && kmalloc(64, GFP_KERNEL) == NULL)
		tries++;
	EXPECT(tries < 20);
	EXPECT_EQ(kmem_fail_count(KMEM_FAIL_OS), 2);
}

/*
 * With heap_sample some allocations are noted by their stack, each with the same
 * probability, whatever the program does; and allocations hit as ever.
 */
#include <sys/wait.h>
#include <unistd.h>

#include "cpu/watch.h"
#include "debug/sample.h"
#include "harness/fake_os.h"
#include "harness/look.h"
#include "harness/test.h"

#define SAMPLE_ALL FOUR_CPUS "heap_sample:1 "

static void sum_sites(uint64_t *allocated, uint64_t *freed)
{
	*allocated = *freed = 0;
	for (unsigned i = 0; i < SAMPLE_SITES && sampler != NULL; i++) {
		*allocated += sampler->site[i].allocated;
		*freed += sampler->site[i].freed;
	}
}

TEST_ON(SAMPLE_ALL, nearly_every_large_object_is_noted_at_one_in_a_byte)
{
	struct kmem_cache *cache;
	void *objects[1000];
	uint64_t allocated, freed;

	run_on_cpu(0);
	cache = cache_of("story", 1000);
	take_objects(cache, objects, 1000);
	sum_sites(&allocated, &freed);
	EXPECT(allocated + sampler->dropped >= 999);
	EXPECT_EQ(freed, 0);
	give_objects(cache, objects, 1000);
	sum_sites(&allocated, &freed);
	EXPECT_EQ(freed, allocated);
	check_everything();
}

TEST_ON(FOUR_CPUS, without_the_option_nothing_is_watched)
{
	struct kmem_cache *cache = cache_of("story", 64);

	EXPECT_NULL(sampler);
	EXPECT_NULL(cache->layout.hooks);
	EXPECT_NULL(cache->cpu.watch);
	EXPECT_NE(cache->cpu.limit, 0);
}

TEST_ON(FOUR_CPUS "heap_sample:100000000 ", allocations_hit_and_arrays_are_the_usual_ones)
{
	struct kmem_cache *cache;
	uint64_t refills;
	void *object;

	run_on_cpu(0);
	cache = cache_of("story", 64);
	object = kmem_cache_alloc(cache, GFP_KERNEL);
	EXPECT_EQ(array_of(cache, 0)->limit, 120);
	EXPECT_EQ(array_of(cache, 0)->avail, 15);
	refills = counter_read(&cache->cpu.refills);
	for (int i = 0; i < 1000; i++) {
		kmem_cache_free(cache, object);
		EXPECT_EQ(array_of(cache, 0)->avail, 16);
		object = kmem_cache_alloc(cache, GFP_KERNEL);
		EXPECT_EQ(array_of(cache, 0)->avail, 15);
	}
	EXPECT_EQ(counter_read(&cache->cpu.refills), refills);
	kmem_cache_free(cache, object);
	check_everything();
}

/* Tickets left, and those of objects in the array. */
static long tickets(struct kmem_cache *cache)
{
	return cache->cpu.watch->ticket[0].left + array_of(cache, 0)->avail;
}

TEST_ON(FOUR_CPUS "reaper:off heap_sample:1000000 ", tickets_and_allocations_are_one_to_one)
{
	struct kmem_cache *cache;
	static void *objects[500];
	long before;

	run_on_cpu(0);
	cache = cache_of("story", 64);
	take_objects(cache, objects, 1);
	cache->cpu.watch->ticket[0].left = 1000000;
	before = tickets(cache);
	for (unsigned count = 1; count < 500; count += 31) {
		take_objects(cache, objects + 1, count);
		give_objects(cache, objects + 1, count);
		before -= count;
		EXPECT_EQ(tickets(cache), before);
	}
	kmem_cache_shrink(cache);
	EXPECT_EQ(tickets(cache), before);
}

TEST_ON(SAMPLE_ALL, a_stack_has_one_site_for_each_size)
{
	struct kmem_cache *cache;
	unsigned sites = 0;

	run_on_cpu(0);
	cache = cache_of("story", 1000);
	for (int i = 0; i < 100; i++)
		kmem_cache_free(cache, kmem_cache_alloc(cache, GFP_KERNEL));
	for (unsigned i = 0; i < SAMPLE_SITES; i++)
		sites += sampler->site[i].state != 0 && sampler->site[i].size == 1000;
	EXPECT_EQ(sites, 1);
}

TEST_ON(FOUR_CPUS "heap_sample:1000000 ", few_small_objects_are_noted)
{
	struct kmem_cache *cache;
	uint64_t allocated, freed;

	run_on_cpu(0);
	cache = cache_of("story", 64);
	for (int i = 0; i < 10000; i++)
		kmem_cache_free(cache, kmem_cache_alloc(cache, GFP_KERNEL));
	sum_sites(&allocated, &freed);
	EXPECT(allocated < 20);
}

/* In a child: the @k-th request is refused; what can't sample must work without. */
static bool works_when_refused(unsigned k)
{
	struct kmem_cache *cache;
	void *object;

	fake_os_install();
	fake_os_refuse(k);
	cache = kmem_cache_create("story", 1000, 0, 0, NULL);
	if (cache == NULL)
		cache = kmem_cache_create("story", 1000, 0, 0, NULL);
	if (cache == NULL || (sampler == NULL && cache->cpu.watch != NULL))
		return false;
	object = kmem_cache_alloc(cache, GFP_KERNEL);
	kmem_cache_free(cache, object);
	return object != NULL;
}

TEST_ON(SAMPLE_ALL, refused_memory_for_samples_is_no_reason_to_fail)
{
	for (unsigned k = 1; k <= 12; k++) {
		int status = 1;
		pid_t child = fork();

		if (child == 0)
			_exit(!works_when_refused(k));
		EXPECT_EQ(waitpid(child, &status, 0), child);
		EXPECT_EQ(status, 0);
	}
}

/* ---- Unbiased: two call sites, and what of theirs was noted ----------------------------- */

enum { ALLOCATIONS = 200000 };

#define NOINLINE __attribute__((noinline, noclone, aligned(64)))
#define SITE(name)                                                              \
	NOINLINE static void *name(struct kmem_cache *cache)                    \
	{                                                                       \
		void *object = kmem_cache_alloc(cache, GFP_KERNEL);             \
		__asm__ volatile("");                                           \
		return object;                                                  \
	}

SITE(keep)
SITE(temporary)

static uint64_t sampled_by(void *(*site)(struct kmem_cache *))
{
	uint64_t sum = 0;

	for (unsigned i = 0; i < SAMPLE_SITES; i++)
		if (sampler->site[i].state == 2 && sampler->site[i].frame[0] - (uintptr_t)site < 64)
			sum += sampler->site[i].allocated;
	return sum;
}

/*
 * Of 200,000 allocations of 64 bytes at one in 6400 bytes, 1 - exp(-0.01) are picked: 1990,
 * give or take 45 for a standard deviation; a tenth of that at one in 64,000. Four standard
 * deviations are allowed.
 */
static void expect_share(uint64_t sampled, uint64_t mean, uint64_t deviation)
{
	EXPECT(sampled > mean - 4 * deviation);
	EXPECT(sampled < mean + 4 * deviation);
}

#define SAMPLE_SOME FOUR_CPUS "heap_sample:6400 "

static struct kmem_cache *sampled_cache(void)
{
	run_on_cpu(0);
	return cache_of("story", 64);
}

/* Always the temporary object is the first new one, and what is kept was used before. */
TEST_ON(SAMPLE_SOME, who_keeps_what_others_have_just_freed_is_sampled_as_often)
{
	struct kmem_cache *cache = sampled_cache();
	static void *kept[ALLOCATIONS];

	for (int i = 0; i < ALLOCATIONS; i++) {
		void *object;

		kept[i] = keep(cache);
		object = temporary(cache);
		kmem_cache_free(cache, object);
	}
	expect_share(sampled_by(keep), 1990, 45);
	expect_share(sampled_by(temporary), 1990, 45);
	give_objects(cache, kept, ALLOCATIONS);
	check_everything();
}

/* A burst of frees takes as many tickets as there are between two samples, and flushes most. */
TEST_ON(FOUR_CPUS "heap_sample:64000 ", bursts_that_flush_are_sampled_as_often)
{
	enum { BURST = 1000 };
	struct kmem_cache *cache = sampled_cache();
	static void *objects[BURST];

	for (int done = 0; done < 2 * ALLOCATIONS; done += BURST) {
		for (int i = 0; i < BURST; i++)
			objects[i] = i % 2 ? keep(cache) : temporary(cache);
		give_objects(cache, objects, BURST);
	}
	expect_share(sampled_by(keep), 200, 14);
	expect_share(sampled_by(temporary), 200, 14);
	check_everything();
}

/* Arrays are emptied under way, which gives their tickets back. */
TEST_ON(SAMPLE_SOME, a_program_that_shrinks_and_tunes_is_sampled_as_often)
{
	struct kmem_cache *cache = sampled_cache();

	for (int i = 0; i < ALLOCATIONS; i++) {
		void *object = keep(cache), *other = temporary(cache);

		kmem_cache_free(cache, object);
		kmem_cache_free(cache, other);
		if (i % 50 == 0)
			kmem_cache_shrink(cache);
	}
	expect_share(sampled_by(keep), 1990, 45);
	expect_share(sampled_by(temporary), 1990, 45);
	check_everything();
}

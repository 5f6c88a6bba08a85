/*
 * Misses are timed when a tool wants it, or with latency:on; nothing is otherwise.
 */
#include <errno.h>
#include <time.h>

#include "cpu/watch.h"
#include "harness/look.h"
#include "harness/test.h"

static uint64_t timed(const struct kmem_cache *cache, enum watch_kind kind)
{
	uint64_t sum = 0;

	for (unsigned i = 0; i < WATCH_BUCKETS; i++)
		sum += cache->cpu.watch->took[kind][i];
	return sum;
}

/* More than an array holds come and go: there are misses of both kinds. */
static void miss_both_ways(struct kmem_cache *cache)
{
	void *objects[400];

	take_objects(cache, objects, 400);
	give_objects(cache, objects, 400);
}

static void expect_all_timed(struct kmem_cache *cache, uint64_t refills, uint64_t flushes)
{
	EXPECT(timed(cache, WATCH_ALLOC) >= counter_read(&cache->cpu.refills) - refills);
	EXPECT(timed(cache, WATCH_FREE) >= counter_read(&cache->cpu.flushes) - flushes);
	EXPECT(timed(cache, WATCH_ALLOC) + timed(cache, WATCH_FREE) < 100);     /* no hits */
	EXPECT_EQ(cache->cpu.watch->took[WATCH_ALLOC][0], 0);   /* none within a nanosecond */
}

TEST_ON(FOUR_CPUS "latency:on ", every_miss_is_timed_from_the_start)
{
	struct kmem_cache *cache;

	run_on_cpu(0);
	cache = cache_of("story", 64);
	miss_both_ways(cache);
	expect_all_timed(cache, 0, 0);
}

TEST_ON(FOUR_CPUS, misses_are_timed_from_when_it_is_asked_for)
{
	uint64_t refills, flushes;
	struct kmem_cache *cache, *later;

	run_on_cpu(0);
	cache = cache_of("story", 64);
	miss_both_ways(cache);
	EXPECT_NULL(cache->cpu.watch);
	refills = counter_read(&cache->cpu.refills);
	flushes = counter_read(&cache->cpu.flushes);
	EXPECT_EQ(timing_start("60"), 0);
	miss_both_ways(cache);
	expect_all_timed(cache, refills, flushes);
	later = cache_of("later", 96);
	miss_both_ways(later);
	expect_all_timed(later, 0, 0);
}

TEST_ON(FOUR_CPUS, nonsense_is_refused)
{
	cache_of("story", 64);
	EXPECT_EQ(timing_start(""), -EINVAL);
	EXPECT_EQ(timing_start("0"), -EINVAL);
	EXPECT_EQ(timing_start("7201"), -EINVAL);
	EXPECT(!watch_times);
}

TEST_ON(FOUR_CPUS, it_ends_when_the_tool_does_not_ask_again)
{
	struct timespec second = { .tv_sec = 1, .tv_nsec = 100000000 };
	struct kmem_cache *cache;
	uint64_t before;

	run_on_cpu(0);
	cache = cache_of("story", 64);
	EXPECT_EQ(timing_start("1"), 0);
	EXPECT(timing_round());
	nanosleep(&second, NULL);
	EXPECT(!timing_round());
	before = timed(cache, WATCH_ALLOC);
	miss_both_ways(cache);
	EXPECT_EQ(timed(cache, WATCH_ALLOC), before);
}

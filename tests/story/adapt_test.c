/*
 * Arrays that refill and flush by turns grow; idle ones go; together they keep within a budget.
 */
#include "harness/look.h"
#include "harness/test.h"

#define FAST_FOUR "profile:fast topology:4x1 reaper:off reap_ms:1000000 "

enum { MOST = 20000, DEEP = 700, GROWN = 992 };

static void *objects[MOST];

/* The tide comes in to @depth objects and goes out again, @times times. */
static void tides(struct kmem_cache *cache, unsigned depth, unsigned times)
{
	while (times-- > 0) {
		take_objects(cache, objects, depth);
		give_objects(cache, objects, depth);
	}
}

static void a_large_program_on_cpu_0(void)
{
	run_on_cpu(0);
	for (int i = 0; i < 8; i++)
		EXPECT(kmalloc(4 << 20, GFP_KERNEL) != NULL);
}

static struct kmem_cache *cache_after_tides(void)
{
	struct kmem_cache *cache;

	a_large_program_on_cpu_0();
	cache = cache_of("story", 64);
	tides(cache, DEEP, 20);
	return cache;
}

static unsigned misses(struct kmem_cache *cache)
{
	return (unsigned)(counter_read(&cache->cpu.refills) + counter_read(&cache->cpu.flushes));
}

TEST_ON(FAST_FOUR, who_takes_and_gives_by_turns_gets_an_array_that_holds_it)
{
	struct kmem_cache *cache;
	unsigned before;

	a_large_program_on_cpu_0();
	cache = cache_of("story", 64);
	take_objects(cache, objects, 1);
	give_objects(cache, objects, 1);
	EXPECT_EQ(array_of(cache, 0)->limit, 224);
	tides(cache, DEEP, 20);
	EXPECT_EQ(array_of(cache, 0)->limit, GROWN);
	EXPECT_EQ(array_of(cache, 0)->batchcount, GROWN / 2);
	tides(cache, DEEP, 2);
	before = misses(cache);
	tides(cache, DEEP, 20);
	EXPECT_EQ(misses(cache), before);
	check_everything();
}

/* What is in CPU 0's array right after its next miss: of giving objects[*at] on, or of taking. */
static unsigned left_by_a_flush(struct kmem_cache *cache, unsigned *at)
{
	uint64_t before = counter_read(&cache->cpu.flushes);

	while (counter_read(&cache->cpu.flushes) == before)
		kmem_cache_free(cache, objects[(*at)++]);
	return array_of(cache, 0)->avail;
}

static unsigned left_by_a_refill(struct kmem_cache *cache, unsigned *at)
{
	uint64_t before = counter_read(&cache->cpu.refills);

	while (counter_read(&cache->cpu.refills) == before)
		take_objects(cache, &objects[(*at)++], 1);
	return array_of(cache, 0)->avail;
}

enum { LIMIT = 224, BATCH = LIMIT / 2, LONG = LIMIT - LIMIT / 8 };

TEST_ON(FAST_FOUR, who_goes_on_taking_or_giving_moves_most_of_the_array_at_once)
{
	struct kmem_cache *cache;
	unsigned at = 0;

	a_large_program_on_cpu_0();
	cache = cache_of("story", 64);
	tides(cache, MOST, 1);
	EXPECT_EQ(left_by_a_refill(cache, &at), BATCH - 1);
	EXPECT_EQ(left_by_a_refill(cache, &at), LONG - 1);
	EXPECT_EQ(left_by_a_refill(cache, &at), LONG - 1);
	take_objects(cache, objects + at, MOST - at);
	at = 0;
	EXPECT_EQ(left_by_a_flush(cache, &at), LIMIT - BATCH + 1);
	EXPECT_EQ(left_by_a_flush(cache, &at), LIMIT - LONG + 1);
	EXPECT_EQ(left_by_a_flush(cache, &at), LIMIT - LONG + 1);
	give_objects(cache, objects + at, MOST - at);
	check_everything();
}

TEST_ON(FAST_FOUR "adapt_mib:0 ", where_nothing_adapts_a_batch_is_a_batch)
{
	struct kmem_cache *cache;
	unsigned at = 0;

	a_large_program_on_cpu_0();
	cache = cache_of("story", 64);
	take_objects(cache, objects, MOST);
	for (int i = 0; i < 3; i++)
		EXPECT_EQ(left_by_a_flush(cache, &at), LIMIT - BATCH + 1);
}

TEST_ON(FAST_FOUR, what_an_array_held_is_in_it_when_it_has_grown)
{
	struct kmem_cache *cache;

	a_large_program_on_cpu_0();
	cache = cache_of("story", 64);
	while (array_of(cache, 0)->limit != GROWN)
		tides(cache, DEEP, 1);
	take_objects(cache, objects, MOST);
	for (unsigned i = 0; i < MOST; i++)
		*(void **)objects[i] = objects[i];
	for (unsigned i = 0; i < MOST; i++)
		EXPECT_EQ(*(void **)objects[i], objects[i]);    /* nobody got one twice */
	give_objects(cache, objects, MOST);
	EXPECT(array_of(cache, 0)->avail <= GROWN && array_of(cache, 0)->avail >= GROWN / 2);
	check_everything();
	kmem_cache_destroy(cache);
}

TEST_ON(FAST_FOUR, who_takes_much_and_gives_it_back_later_does_not)
{
	struct kmem_cache *cache;

	a_large_program_on_cpu_0();
	cache = cache_of("story", 64);
	tides(cache, MOST, 20);
	EXPECT_EQ(array_of(cache, 0)->limit, 224);
}

TEST_ON(FAST_FOUR, nor_one_cpu_because_another_does)
{
	struct kmem_cache *cache;

	run_on_cpu(1);
	cache = cache_of("story", 64);
	tides(cache, 10, 1);
	a_large_program_on_cpu_0();
	tides(cache, DEEP, 20);
	EXPECT_EQ(array_of(cache, 0)->limit, GROWN);
	EXPECT_EQ(array_of(cache, 1)->limit, 224);
}

TEST_ON(FAST_FOUR, an_idle_array_that_grew_goes_and_who_comes_back_gets_a_small_one)
{
	struct kmem_cache *cache = cache_after_tides();

	cpu_reap_all(&cache->cpu);              /* touched: it stays */
	EXPECT_EQ(array_of(cache, 0)->limit, GROWN);
	cpu_reap_all(&cache->cpu);
	EXPECT_EQ(array_of(cache, 0), &array_none);
	tides(cache, 10, 1);
	EXPECT_EQ(array_of(cache, 0)->limit, 224);
	check_everything();
}

TEST_ON(FAST_FOUR, an_empty_one_goes_too)
{
	struct kmem_cache *cache = cache_after_tides();

	EXPECT_EQ(kmem_cache_shrink(cache), 0);
	cpu_reap_all(&cache->cpu);
	cpu_reap_all(&cache->cpu);
	EXPECT_EQ(array_of(cache, 0), &array_none);
}

/* 4 MiB: one array of 992 objects of a page, not two. */
TEST_ON(FAST_FOUR "adapt_mib:1 ", together_they_keep_within_the_budget_and_what_goes_gives_it_back)
{
	struct kmem_cache *first, *second;

	a_large_program_on_cpu_0();
	first = cache_of("first", 4096);
	second = cache_of("second", 4096);
	tides(first, DEEP, 40);
	tides(second, DEEP, 40);
	EXPECT_EQ(array_of(first, 0)->limit, GROWN);
	EXPECT_EQ(array_of(second, 0)->limit, 136);
	kmem_cache_destroy(first);
	tides(second, DEEP, 40);
	EXPECT_EQ(array_of(second, 0)->limit, GROWN);
	EXPECT_EQ(kmem_cache_tune(second, 100, 50, 8), 0);
	first = cache_of("third", 4096);
	tides(first, DEEP, 40);
	EXPECT_EQ(array_of(first, 0)->limit, GROWN);
	check_everything();
}

/* 768 objects of 512 bytes are 384 KiB. */
TEST_ON(FAST_FOUR, a_small_programs_arrays_do_not_grow_beyond_a_quarter_of_it)
{
	struct kmem_cache *cache;

	run_on_cpu(0);
	cache = cache_of("story", 512);
	tides(cache, DEEP, 40);
	EXPECT(pages_in_use() << PAGE_SHIFT < 4 * 384 << 10);
	EXPECT_EQ(array_of(cache, 0)->limit, 160);
	a_large_program_on_cpu_0();
	tides(cache, DEEP, 40);
	EXPECT_EQ(array_of(cache, 0)->limit, GROWN);
}

/* 256 KiB: 768 objects of 64 bytes five times, 48 KiB each. */
TEST_ON(FAST_FOUR, but_those_of_the_smallest_hold_some)
{
	enum { CACHES = 6 };
	struct kmem_cache *cache[CACHES];
	char name[] = "story-0";

	run_on_cpu(0);
	for (int i = 0; i < CACHES; i++, name[6]++) {
		cache[i] = cache_of(name, 64);
		tides(cache[i], DEEP, 20);
	}
	EXPECT(pages_in_use() << PAGE_SHIFT < 4 * 256 << 10);
	for (int i = 0; i < CACHES - 1; i++)
		EXPECT_EQ(array_of(cache[i], 0)->limit, GROWN);
	EXPECT_EQ(array_of(cache[CACHES - 1], 0)->limit, 224);
}

TEST_ON(FAST_FOUR, a_tuned_cache_has_the_limit_it_was_told)
{
	struct kmem_cache *cache = cache_after_tides();

	EXPECT_EQ(kmem_cache_tune(cache, 120, 60, 8), 0);
	EXPECT_EQ(array_of(cache, 0)->limit, 120);
	tides(cache, DEEP, 20);
	EXPECT_EQ(array_of(cache, 0)->limit, 120);
}

static void nothing_grows(void)
{
	struct kmem_cache *cache = cache_after_tides();

	EXPECT_EQ(array_of(cache, 0)->limit, cache->cpu.limit);
}

TEST_ON(FAST_FOUR "adapt_mib:0 ", without_a_budget_nothing_grows)
{
	nothing_grows();
}

TEST_ON(FOUR_CPUS, with_the_kernels_numbers_nothing_grows)
{
	nothing_grows();
}

static void check_growth(unsigned size, unsigned limit, unsigned grown)
{
	struct kmem_cache *cache = cache_of("story", size);

	tides(cache, 1, 1);
	EXPECT_EQ(array_of(cache, 0)->limit, limit);
	tides(cache, 2 * limit, 100);
	EXPECT_EQ(array_of(cache, 0)->limit, grown);
	EXPECT_EQ(kmem_cache_shrink(cache), 0);
	kmem_cache_destroy(cache);
}

/* Half a MiB, and four; a line lies between those of one page and of two. */
TEST_ON(FAST_FOUR, large_objects_park_and_grow_by_bytes)
{
	a_large_program_on_cpu_0();
	check_growth(4096, 136, GROWN);
	check_growth(8192, 68, 499);
	check_growth(32768, 17, 125);
	check_growth(65536, 8, 62);
	check_growth(1 << 20, 1, 3);
}

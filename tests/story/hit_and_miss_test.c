/*
 * Objects of 64 bytes throughout: 64 to a slab, arrays of 120, batches of 60.
 */
#include "harness/look.h"
#include "harness/test.h"

enum { PER_SLAB = 64, LIMIT = 120, BATCH = 60, FIRST_BATCH = 16 };

static struct kmem_cache *cache_on_cpu_0(void)
{
	run_on_cpu(0);
	return cache_of("story", 64);
}

TEST_ON(FOUR_CPUS, the_last_object_freed_is_the_next_one_allocated)
{
	struct kmem_cache *cache = cache_on_cpu_0();
	void *objects[10];

	take_objects(cache, objects, 10);
	give_objects(cache, objects, 10);
	for (int i = 9; i >= 0; i--)
		EXPECT_EQ(kmem_cache_alloc(cache, GFP_KERNEL), objects[i]);
}

TEST_ON(FOUR_CPUS, a_hit_moves_one_object_of_the_array_and_nothing_else)
{
	struct kmem_cache *cache = cache_on_cpu_0();
	uint64_t refills, flushes;
	unsigned avail;

	kmem_cache_free(cache, kmem_cache_alloc(cache, GFP_KERNEL));
	avail = array_of(cache, 0)->avail;
	refills = counter_read(&cache->cpu.refills);
	flushes = counter_read(&cache->cpu.flushes);
	for (int i = 0; i < 1000; i++) {
		void *object = kmem_cache_alloc(cache, GFP_KERNEL);

		EXPECT_EQ(array_of(cache, 0)->avail, avail - 1);
		kmem_cache_free(cache, object);
		EXPECT_EQ(array_of(cache, 0)->avail, avail);
	}
	EXPECT_EQ(counter_read(&cache->cpu.refills), refills);
	EXPECT_EQ(counter_read(&cache->cpu.flushes), flushes);
	EXPECT_EQ(slabs_of(cache), 1);
}

static uint64_t hits(struct kmem_cache *cache)
{
	return counter_read(&cache->cpu.hits) + node_of(cache, 0)->hits;
}

TEST_ON(FOUR_CPUS, what_an_array_lost_or_gained_between_two_misses_is_counted_as_hits)
{
	struct kmem_cache *cache = cache_on_cpu_0();
	void *objects[LIMIT + PER_SLAB];

	take_objects(cache, objects, FIRST_BATCH);
	EXPECT_EQ(hits(cache), 0);   /* no miss has looked since the first */
	take_objects(cache, objects + FIRST_BATCH, 1);
	EXPECT_EQ(hits(cache), FIRST_BATCH - 1);
	take_objects(cache, objects + FIRST_BATCH + 1, LIMIT + PER_SLAB - FIRST_BATCH - 1);
	EXPECT_EQ(hits(cache) + counter_read(&cache->cpu.refills),
		  LIMIT + PER_SLAB - array_of(cache, 0)->mark + array_of(cache, 0)->avail);
	kmem_cache_shrink(cache);                       /* what it takes out were no hits */
	EXPECT_EQ(hits(cache) + counter_read(&cache->cpu.refills),
		  LIMIT + PER_SLAB);
	give_objects(cache, objects, LIMIT + 1);
	EXPECT_EQ(hits(cache) + counter_read(&cache->cpu.refills),
		  LIMIT + PER_SLAB + LIMIT);
}

TEST_ON(FOUR_CPUS, a_cpu_has_no_array_until_it_needs_one)
{
	struct kmem_cache *cache = cache_on_cpu_0();

	EXPECT_EQ(array_of(cache, 0), &array_none);
	kmem_cache_free(cache, kmem_cache_alloc(cache, GFP_KERNEL));
	EXPECT_NE(array_of(cache, 0), &array_none);
	EXPECT_EQ(array_of(cache, 1), &array_none);
	EXPECT_EQ(array_of(cache, 0)->limit, LIMIT);
	EXPECT_EQ(array_of(cache, 0)->batchcount, BATCH);
}

TEST_ON(FOUR_CPUS, an_array_untouched_since_the_last_reap_gets_sixteen)
{
	struct kmem_cache *cache = cache_on_cpu_0();
	void *objects[FIRST_BATCH];

	take_objects(cache, objects, 1);
	EXPECT_EQ(array_of(cache, 0)->avail, FIRST_BATCH - 1);
	EXPECT_EQ(counter_read(&cache->cpu.refills), 1);
}

TEST_ON(FOUR_CPUS, a_touched_array_gets_a_whole_batch)
{
	struct kmem_cache *cache = cache_on_cpu_0();
	void *objects[3 * PER_SLAB];

	take_objects(cache, objects, FIRST_BATCH);
	EXPECT_EQ(array_of(cache, 0)->avail, 0);
	take_objects(cache, objects, 1);                /* the rest of the first slab */
	EXPECT_EQ(array_of(cache, 0)->avail, PER_SLAB - FIRST_BATCH - 1);
	take_objects(cache, objects, PER_SLAB - FIRST_BATCH - 1);
	take_objects(cache, objects, 1);                /* a new slab */
	EXPECT_EQ(array_of(cache, 0)->avail, BATCH - 1);
	EXPECT_EQ(counter_read(&cache->cpu.refills), 3);
	EXPECT_EQ(slabs_of(cache), 2);
}

TEST_ON(FOUR_CPUS, a_miss_takes_from_the_shared_array_before_any_slab)
{
	struct kmem_cache *cache = cache_on_cpu_0();
	void *objects[LIMIT + 1];
	struct array_cache *shared = node_of(cache, 0)->shared;

	take_objects(cache, objects, LIMIT + 1);
	kmem_cache_shrink(cache);
	give_objects(cache, objects, LIMIT + 1);        /* the last one flushes a batch */
	EXPECT_EQ(shared->avail, BATCH);
	EXPECT_EQ(shared->limit, 8 * BATCH);

	run_on_cpu(1);
	EXPECT_EQ(kmem_cache_alloc(cache, GFP_KERNEL), objects[BATCH - 1]);
	EXPECT_EQ(shared->avail, BATCH - FIRST_BATCH);
	EXPECT_EQ(array_of(cache, 1)->avail, FIRST_BATCH - 1);
	EXPECT_EQ(kmem_cache_alloc(cache, GFP_KERNEL), objects[BATCH - 2]);
}

TEST_ON(FOUR_CPUS, each_cpu_has_its_own_array)
{
	struct kmem_cache *cache = cache_on_cpu_0();
	void *object = kmem_cache_alloc(cache, GFP_KERNEL);
	unsigned avail = array_of(cache, 0)->avail;

	run_on_cpu(1);
	kmem_cache_free(cache, object);
	EXPECT_EQ(array_of(cache, 0)->avail, avail);
	EXPECT_EQ(array_of(cache, 1)->avail, 1);
	EXPECT_EQ(kmem_cache_alloc(cache, GFP_KERNEL), object);
}

TEST_ON(FOUR_CPUS, a_cleared_object_is_a_hit_too_and_is_clear)
{
	struct kmem_cache *cache = cache_on_cpu_0();
	char *object = kmem_cache_alloc(cache, GFP_KERNEL);
	unsigned avail = array_of(cache, 0)->avail;

	memset(object, 0xaa, 64);
	kmem_cache_free(cache, object);
	EXPECT_EQ(kmem_cache_alloc(cache, GFP_KERNEL | __GFP_ZERO), object);
	EXPECT_EQ(array_of(cache, 0)->avail, avail);
	for (int i = 0; i < 64; i++)
		EXPECT_EQ(object[i], 0);
	memset(object, 0xaa, 64);
	kmem_cache_free(cache, object);
	EXPECT_EQ(kmem_cache_zalloc(cache, GFP_KERNEL), object);
	for (int i = 0; i < 64; i++)
		EXPECT_EQ(object[i], 0);
}

TEST_ON(FOUR_CPUS, objects_do_not_overlap_and_keep_what_is_written)
{
	enum { COUNT = 5000 };
	struct kmem_cache *cache = cache_on_cpu_0();
	static uint64_t *objects[COUNT];

	take_objects(cache, (void **)objects, COUNT);
	for (uint64_t i = 0; i < COUNT; i++)
		for (int word = 0; word < 8; word++)
			objects[i][word] = i * 8 + (uint64_t)word;
	for (uint64_t i = 0; i < COUNT; i++)
		for (int word = 0; word < 8; word++)
			EXPECT_EQ(objects[i][word], i * 8 + (uint64_t)word);
	check_everything();
	give_objects(cache, (void **)objects, COUNT);
	EXPECT_EQ(kmem_cache_shrink(cache), 0);
	EXPECT_EQ(slabs_of(cache), 0);
}

TEST_ON(FOUR_CPUS, who_may_not_block_is_served_from_what_is_there)
{
	struct kmem_cache *cache = cache_on_cpu_0();
	void *object = kmem_cache_alloc(cache, GFP_KERNEL);

	kmem_cache_free(cache, object);
	EXPECT_EQ(kmem_cache_alloc(cache, GFP_ATOMIC), object);
	kmem_cache_free(cache, object);
	EXPECT_EQ(kmem_cache_alloc(cache, GFP_NOWAIT), object);
	for (int i = 0; i < 500; i++)   /* committed pages are there for the taking */
		EXPECT_NE(kmem_cache_alloc(cache, GFP_ATOMIC), NULL);
}

TEST(a_cache_tells_its_name_and_size)
{
	char name[] = "story";
	struct kmem_cache *cache = cache_of(name, 61);

	name[0] = 'x';                  /* the name is copied */
	EXPECT_STR(kmem_cache_name(cache), "story");
	EXPECT_EQ(kmem_cache_size(cache), 61);
	EXPECT_EQ(cache->layout.size, 64);
}

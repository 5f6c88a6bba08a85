/*
 * A full array: the oldest objects go to the shared array, then to their slabs.
 */
#include "harness/look.h"
#include "harness/test.h"

enum { LIMIT = 8, BATCH = 4, SHARED = 2 };

/* Arrays of 8, batches of 4, a shared array of 8; 20 objects out, everything else away. */
static struct kmem_cache *cache_with_objects_out(void **objects)
{
	struct kmem_cache *cache;

	run_on_cpu(0);
	cache = cache_of("story", 64);
	EXPECT_EQ(kmem_cache_tune(cache, LIMIT, BATCH, SHARED), 0);
	take_objects(cache, objects, 20);
	kmem_cache_shrink(cache);
	EXPECT_EQ(array_of(cache, 0)->avail, 0);
	EXPECT_EQ(node_of(cache, 0)->shared->avail, 0);
	return cache;
}

TEST_ON(FOUR_CPUS, a_full_array_flushes_its_oldest_objects_to_the_shared_array)
{
	void *objects[20];
	struct kmem_cache *cache = cache_with_objects_out(objects);
	struct array_cache *array = array_of(cache, 0), *shared = node_of(cache, 0)->shared;

	give_objects(cache, objects, LIMIT);
	EXPECT_EQ(array->avail, LIMIT);
	EXPECT_EQ(shared->avail, 0);
	kmem_cache_free(cache, objects[LIMIT]);
	EXPECT_EQ(array->avail, LIMIT - BATCH + 1);
	EXPECT_EQ(shared->avail, BATCH);
	for (int i = 0; i < BATCH; i++)
		EXPECT_EQ(shared->entry[i], objects[i]);
	for (int i = BATCH; i <= LIMIT; i++)
		EXPECT_EQ(array->entry[i - BATCH], objects[i]);
	EXPECT_EQ(counter_read(&cache->cpu.flushes), 1);
}

TEST_ON(FOUR_CPUS, a_full_shared_array_sends_them_to_their_slabs)
{
	void *objects[20];
	struct kmem_cache *cache = cache_with_objects_out(objects);
	size_t free_before = node_of(cache, 0)->free_objects;

	give_objects(cache, objects, 20);       /* flushes at the 9th, 13th and 17th */
	EXPECT_EQ(node_of(cache, 0)->shared->avail, SHARED * BATCH);
	EXPECT_EQ(array_of(cache, 0)->avail, LIMIT);
	EXPECT_EQ(node_of(cache, 0)->free_objects, free_before + BATCH);
	check_everything();
}

TEST_ON(FOUR_CPUS, without_a_shared_array_they_go_to_their_slabs_at_once)
{
	void *objects[20];
	struct kmem_cache *cache = cache_with_objects_out(objects);
	size_t free_before;

	EXPECT_EQ(kmem_cache_tune(cache, LIMIT, BATCH, 0), 0);
	EXPECT_NULL(node_of(cache, 0)->shared);
	free_before = node_of(cache, 0)->free_objects;
	give_objects(cache, objects, LIMIT + 1);
	EXPECT_EQ(node_of(cache, 0)->free_objects, free_before + BATCH);
}

TEST_ON(FOUR_CPUS, slabs_beyond_the_free_limit_leave_the_cache)
{
	enum { COUNT = 64 * 40 };
	static void *objects[COUNT];
	struct kmem_cache *cache;
	struct kmem_cache_node *n;

	run_on_cpu(0);
	cache = cache_of("story", 64);
	n = node_of(cache, 0);
	EXPECT_EQ(n->free_limit, (1 + 4) * 60 + 64);
	take_objects(cache, objects, COUNT);
	EXPECT(slabs_of(cache) >= 40);
	give_objects(cache, objects, COUNT);
	EXPECT(n->free_objects <= n->free_limit);
	EXPECT(slabs_of(cache) < 20);
	check_everything();
}

TEST_ON(FOUR_CPUS, arrays_larger_than_the_buffer_flush_as_well)
{
	enum { LARGE = 1000, COUNT = 3000 };
	static void *objects[COUNT];
	struct kmem_cache *cache;
	unsigned before, flushes;

	run_on_cpu(0);
	cache = cache_of("story", 64);
	EXPECT_EQ(kmem_cache_tune(cache, LARGE, LARGE / 2, 0), 0);
	take_objects(cache, objects, COUNT);
	EXPECT_EQ(array_of(cache, 0)->limit, LARGE);
	before = array_of(cache, 0)->avail;
	give_objects(cache, objects, COUNT);
	flushes = (unsigned)counter_read(&cache->cpu.flushes);
	EXPECT(flushes >= 4);
	EXPECT_EQ(array_of(cache, 0)->avail, before + COUNT - flushes * LARGE / 2);
	check_everything();
	EXPECT_EQ(kmem_cache_shrink(cache), 0);
}

TEST_ON(FOUR_CPUS, a_bulk_moves_objects_in_the_order_of_single_calls)
{
	void *objects[20], *bulk[4];
	struct kmem_cache *cache = cache_with_objects_out(objects);
	struct array_cache *array = array_of(cache, 0);

	kmem_cache_free_bulk(cache, 4, (void *[]){ objects[0], objects[1], NULL, objects[2] });
	EXPECT_EQ(array->avail, 3);
	for (int i = 0; i < 3; i++)
		EXPECT_EQ(array->entry[i], objects[i]);
	array->idle = 1;
	EXPECT_EQ(kmem_cache_alloc_bulk(cache, GFP_KERNEL, 2, bulk), 2);
	EXPECT_EQ(bulk[0], objects[2]);
	EXPECT_EQ(bulk[1], objects[1]);
	EXPECT_EQ(array->avail, 1);
	EXPECT_EQ(array->idle, 0);
	EXPECT_EQ(kmem_cache_alloc_bulk(cache, GFP_KERNEL, 4, bulk), 4);
	EXPECT_EQ(bulk[0], objects[0]);
	EXPECT_EQ(counter_read(&cache->cpu.refills), 1 + 5);      /* 20 at first, by fours */
	check_everything();
}

TEST_ON(FOUR_CPUS, a_bulk_is_taken_and_given_whole)
{
	void *objects[300];
	struct kmem_cache *cache;

	run_on_cpu(0);
	cache = cache_of("story", 64);
	EXPECT_EQ(kmem_cache_alloc_bulk(cache, GFP_KERNEL, 300, objects), 300);
	for (int i = 0; i < 300; i++)
		memset(objects[i], i, 64);
	for (int i = 0; i < 300; i++)
		EXPECT_EQ(((unsigned char *)objects[i])[63], (unsigned char)i);
	objects[7] = objects[8] = objects[299];
	objects[299] = NULL;
	kmem_cache_free_bulk(cache, 7, objects);
	kmem_cache_free_bulk(cache, 292, objects + 8);
	EXPECT_EQ(kmem_cache_alloc_bulk(cache, GFP_KERNEL, 0, objects), 0);
	check_everything();
}

TEST_ON(FOUR_CPUS, a_cleared_bulk_is_clear)
{
	unsigned char *objects[100];
	struct kmem_cache *cache;

	run_on_cpu(0);
	cache = cache_of("story", 64);
	take_objects(cache, (void **)objects, 100);
	for (int i = 0; i < 100; i++)
		memset(objects[i], 0xff, 64);
	kmem_cache_free_bulk(cache, 100, (void **)objects);
	EXPECT_EQ(kmem_cache_alloc_bulk(cache, GFP_KERNEL | __GFP_ZERO, 100, (void **)objects), 100);
	for (int i = 0; i < 100; i++)
		for (int byte = 0; byte < 64; byte++)
			EXPECT_EQ(objects[i][byte], 0);
}

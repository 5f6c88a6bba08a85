#include <errno.h>
#include <sys/mman.h>

#include "harness/look.h"
#include "harness/test.h"

enum { COUNT = 1000 };

TEST_ON(FOUR_CPUS_TWO_NODES, shrink_empties_every_station)
{
	static void *objects[COUNT];
	struct kmem_cache *cache;

	run_on_cpu(0);
	cache = cache_of("story", 64);
	take_objects(cache, objects, COUNT);
	give_objects(cache, objects, COUNT / 2);        /* array, shared array, slabs */
	run_on_cpu(2);
	give_objects(cache, objects + COUNT / 2, COUNT / 2);    /* alien caches */
	EXPECT_EQ(kmem_cache_shrink(cache), 0);
	EXPECT_EQ(array_of(cache, 0)->avail, 0);
	EXPECT_EQ(node_of(cache, 0)->shared->avail, 0);
	EXPECT_EQ(alien_count(cache, 1, 0), 0);
	EXPECT_EQ(slabs_of(cache), 0);
	EXPECT_EQ(cache_active_objects(cache), 0);
	check_everything();
}

TEST_ON(FOUR_CPUS, shrink_tells_whether_objects_are_still_out)
{
	struct kmem_cache *cache;
	void *object;

	run_on_cpu(0);
	cache = cache_of("story", 64);
	EXPECT_EQ(kmem_cache_shrink(cache), 0);
	object = kmem_cache_alloc(cache, GFP_KERNEL);
	EXPECT_EQ(kmem_cache_shrink(cache), 1);
	EXPECT_EQ(cache_active_objects(cache), 1);
	kmem_cache_free(cache, object);
	EXPECT_EQ(kmem_cache_shrink(cache), 0);
}

TEST_ON(FOUR_CPUS, shrink_gives_the_memory_back_to_the_os)
{
	static void *objects[COUNT];
	unsigned char resident;
	struct kmem_cache *cache;
	void *page;

	run_on_cpu(0);
	cache = cache_of("story", 4096);
	take_objects(cache, objects, COUNT);
	page = objects[COUNT / 2];
	memset(page, 1, 4096);
	EXPECT(mincore(page, 4096, &resident) == 0 && (resident & 1) == 1);
	give_objects(cache, objects, COUNT);
	errno = 44;
	EXPECT_EQ(kmem_cache_shrink(cache), 0);
	EXPECT_EQ(errno, 44);
	EXPECT(mincore(page, 4096, &resident) == 0 && (resident & 1) == 0);
	take_objects(cache, objects, COUNT);
}

TEST_ON(FOUR_CPUS_TWO_NODES, destroy_gives_everything_back)
{
	static void *objects[COUNT];
	struct kmem_cache *cache;
	size_t meta, free_pages;

	run_on_cpu(0);
	kmem_cache_destroy(cache_of("first", 64));
	meta_shrink();
	meta = meta_active_objects();
	free_pages = pages_free_count();
	for (unsigned size = 8; size <= 100000; size = size * 3 + 8) {
		cache = cache_of("story", size);
		run_on_cpu(1);
		take_objects(cache, objects, 50);
		run_on_cpu(3);
		give_objects(cache, objects, 50);
		kmem_cache_destroy(cache);
		EXPECT_EQ(meta_active_objects(), meta);
	}
	meta_shrink();
	EXPECT(pages_free_count() >= free_pages);
	EXPECT_NULL(slabinfo_line("story"));
	check_everything();
}

TEST_ON(FOUR_CPUS "freelist_random:on", destroy_gives_the_random_order_back)
{
	size_t used;

	run_on_cpu(0);
	kmem_cache_destroy(cache_of("first", 64));
	meta_shrink();
	used = pages_committed() - pages_free_count();
	for (int i = 0; i < 20; i++)
		kmem_cache_destroy(cache_of("story", 64));
	meta_shrink();
	EXPECT_EQ(pages_committed() - pages_free_count(), used);
}

TEST_ON(FOUR_CPUS, a_cache_with_objects_out_is_kept_and_says_so)
{
	struct kmem_cache *cache;
	char *objects[3];
	const char *log;

	run_on_cpu(0);
	cache = cache_of("leaky", 64);
	take_objects(cache, (void **)objects, 3);
	strcpy(objects[2], "still valid");
	log_begin();
	errno = 33;
	kmem_cache_destroy(cache);
	EXPECT_EQ(errno, 33);
	log = log_end();
	EXPECT_CONTAINS(log, "kmem_cache_destroy(leaky): 3 objects are still out");
	EXPECT_STR(objects[2], "still valid");
	EXPECT_NE(slabinfo_line("leaky"), NULL);

	give_objects(cache, (void **)objects, 3);
	log_begin();
	kmem_cache_destroy(cache);
	EXPECT_STR(log_end(), "");
	EXPECT_NULL(slabinfo_line("leaky"));
}

TEST(destroying_no_cache_does_nothing)
{
	kmem_cache_destroy(NULL);
}

TEST(the_allocators_own_caches_stay)
{
	void *object = kmalloc(100, GFP_KERNEL);

	log_begin();
	kmem_cache_destroy(cache_of_layout(slab_of_object(object)->layout));
	EXPECT_CONTAINS(log_end(), "kmem_cache_destroy(kmalloc-128): the allocator's own");
	kfree(object);
	EXPECT_NE(kmalloc(100, GFP_KERNEL), NULL);
}

TEST(caches_come_and_go_by_the_thousand)
{
	size_t committed = 0;

	for (int i = 0; i < 3000; i++) {
		struct kmem_cache *cache = cache_of("story", 8 + (unsigned)i % 500);

		kmem_cache_free(cache, kmem_cache_alloc(cache, GFP_KERNEL));
		kmem_cache_destroy(cache);
		if (i == 500)
			committed = pages_committed();
	}
	EXPECT_EQ(pages_committed(), committed);
	check_everything();
}

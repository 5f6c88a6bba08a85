/*
 * Two nodes of two CPUs each: 0 and 1 on node 0, 2 and 3 on node 1.
 */
#include <errno.h>

#include "harness/look.h"
#include "harness/test.h"

enum { ALIEN_LIMIT = 12 };

/* @count objects of node 0, taken on CPU 0; everything else is back in the slabs. */
static struct kmem_cache *cache_with_objects_of_node_0(void **objects, unsigned count)
{
	struct kmem_cache *cache;

	run_on_cpu(0);
	cache = cache_of("story", 64);
	take_objects(cache, objects, count);
	for (unsigned i = 0; i < count; i++)
		EXPECT_EQ(node_of_address(objects[i]), 0);
	kmem_cache_shrink(cache);
	return cache;
}

TEST_ON(FOUR_CPUS_TWO_NODES, an_object_comes_from_the_node_of_its_cpu)
{
	struct kmem_cache *cache;

	run_on_cpu(0);
	cache = cache_of("story", 64);
	for (int cpu = 0; cpu < 4; cpu++) {
		run_on_cpu(cpu);
		for (int i = 0; i < 200; i++)
			EXPECT_EQ(node_of_address(kmem_cache_alloc(cache, GFP_KERNEL)), cpu / 2);
	}
	check_everything();
}

TEST_ON(FOUR_CPUS_TWO_NODES, a_remote_free_waits_in_the_alien_cache_until_it_is_full)
{
	void *objects[ALIEN_LIMIT + 1];
	struct kmem_cache *cache = cache_with_objects_of_node_0(objects, ALIEN_LIMIT + 1);
	size_t free_at_home = node_of(cache, 0)->free_objects;

	run_on_cpu(2);
	give_objects(cache, objects, ALIEN_LIMIT);
	EXPECT_EQ(alien_count(cache, 1, 0), ALIEN_LIMIT);
	EXPECT_EQ(node_of(cache, 0)->shared->avail, 0);
	EXPECT_EQ(node_of(cache, 0)->free_objects, free_at_home);

	kmem_cache_free(cache, objects[ALIEN_LIMIT]);   /* the drop that spills it */
	EXPECT_EQ(alien_count(cache, 1, 0), 1);
	EXPECT_EQ(node_of(cache, 0)->shared->avail, ALIEN_LIMIT);
	EXPECT_EQ(node_of(cache, 0)->free_objects, free_at_home);
	check_everything();
}

TEST_ON(FOUR_CPUS_TWO_NODES, what_the_shared_array_has_no_room_for_goes_into_slabs)
{
	void *objects[2 * ALIEN_LIMIT + 1];
	struct kmem_cache *cache = cache_with_objects_of_node_0(objects, 2 * ALIEN_LIMIT + 1);
	size_t free_at_home;

	EXPECT_EQ(kmem_cache_tune(cache, 20, 10, 1), 0);        /* shared array of 10 */
	free_at_home = node_of(cache, 0)->free_objects;
	run_on_cpu(3);
	give_objects(cache, objects, ALIEN_LIMIT + 1);
	EXPECT_EQ(node_of(cache, 0)->shared->avail, 10);
	EXPECT_EQ(node_of(cache, 0)->free_objects, free_at_home + 2);
	give_objects(cache, objects + ALIEN_LIMIT + 1, ALIEN_LIMIT);
	EXPECT_EQ(node_of(cache, 0)->free_objects, free_at_home + 2 + ALIEN_LIMIT);
	check_everything();
}

TEST_ON(FOUR_CPUS_TWO_NODES, an_array_holds_objects_of_its_own_node_only)
{
	void *objects[50];
	struct kmem_cache *cache = cache_with_objects_of_node_0(objects, 50);

	run_on_cpu(2);
	kmem_cache_free(cache, kmem_cache_alloc(cache, GFP_KERNEL));
	give_objects(cache, objects, 50);
	for (unsigned i = 0; i < array_of(cache, 2)->avail; i++)
		EXPECT_EQ(node_of_address(array_of(cache, 2)->entry[i]), 1);
	run_on_cpu(1);
	take_objects(cache, objects, 50);
	for (unsigned i = 0; i < 50; i++)
		EXPECT_EQ(node_of_address(objects[i]), 0);
}

TEST_ON(FOUR_CPUS_TWO_NODES "noaliencache", without_alien_caches_objects_go_home_one_by_one)
{
	void *objects[5];
	struct kmem_cache *cache = cache_with_objects_of_node_0(objects, 5);
	size_t free_at_home = node_of(cache, 0)->free_objects;

	EXPECT_NULL(node_of(cache, 1)->alien);
	run_on_cpu(2);
	for (unsigned i = 0; i < 5; i++) {
		kmem_cache_free(cache, objects[i]);
		EXPECT_EQ(node_of(cache, 0)->free_objects, free_at_home + i + 1);
	}
	EXPECT_EQ(kmem_cache_shrink(cache), 0);
}

TEST_ON(FOUR_CPUS, one_node_has_no_alien_caches)
{
	run_on_cpu(0);
	EXPECT_NULL(node_of(cache_of("story", 64), 0)->alien);
}

TEST_ON(FOUR_CPUS_TWO_NODES, kfree_sends_remote_memory_home_too)
{
	char *object;

	run_on_cpu(0);
	object = kmalloc(100, GFP_KERNEL);
	run_on_cpu(2);
	errno = 55;
	kfree(object);
	EXPECT_EQ(errno, 55);
	EXPECT_EQ(alien_count(cache_of_layout(slab_of_object(object)->layout), 1, 0), 1);
}

TEST_ON(FOUR_CPUS_TWO_NODES, an_asked_node_serves)
{
	struct kmem_cache *cache;

	run_on_cpu(0);
	cache = cache_of("story", 64);
	for (int i = 0; i < 100; i++) {
		EXPECT_EQ(node_of_address(kmem_cache_alloc_node(cache, GFP_KERNEL, 1)), 1);
		EXPECT_EQ(node_of_address(kmem_cache_alloc_node(cache, GFP_KERNEL, 0)), 0);
		EXPECT_EQ(node_of_address(kmem_cache_alloc_node(cache, GFP_KERNEL, -1)), 0);
		EXPECT_EQ(node_of_address(kmem_cache_alloc_node(cache,
				GFP_KERNEL | __GFP_THISNODE, 1)), 1);
		EXPECT_EQ(node_of_address(kmem_cache_alloc_node(cache,
				GFP_KERNEL | __GFP_THISNODE, 0)), 0);
		EXPECT_EQ(node_of_address(kmalloc_node(300, GFP_KERNEL, 1)), 1);
		EXPECT_EQ(node_of_address(kzalloc_node(300, GFP_KERNEL, 1)), 1);
		EXPECT_EQ(node_of_address(kvmalloc_node(300, GFP_KERNEL, 1)), 1);
	}
	check_everything();
}

TEST_ON(FOUR_CPUS_TWO_NODES, a_node_that_does_not_exist_is_einval)
{
	struct kmem_cache *cache;

	run_on_cpu(0);
	cache = cache_of("story", 64);
	EXPECT_REFUSED(kmem_cache_alloc_node(cache, GFP_KERNEL, 2), EINVAL);
	EXPECT_REFUSED(kmem_cache_alloc_node(cache, GFP_KERNEL, -2), EINVAL);
	EXPECT_REFUSED(kmalloc_node(10, GFP_KERNEL, 1 << 20), EINVAL);
	EXPECT_REFUSED(kzalloc_node(10, GFP_KERNEL, 2), EINVAL);
	EXPECT_REFUSED(kvmalloc_node(10, GFP_KERNEL, 2), EINVAL);
	EXPECT_REFUSED(kvmalloc_node(KMALLOC_MAX_SIZE + 1, GFP_KERNEL, 2), EINVAL);
}

TEST_ON(FOUR_CPUS_TWO_NODES "reserve_mib:8", a_full_node_borrows_unless_it_must_not)
{
	struct kmem_cache *cache;
	void *object;
	unsigned borrowed = 0;

	run_on_cpu(0);
	cache = cache_of("story", 4096);
	for (int i = 0; i < 8192; i++)
		if (kmem_cache_alloc_node(cache, GFP_KERNEL | __GFP_THISNODE, 1) == NULL)
			break;
	EXPECT_REFUSED(kmem_cache_alloc_node(cache, GFP_KERNEL | __GFP_THISNODE, 1), ENOMEM);
	object = kmem_cache_alloc_node(cache, GFP_KERNEL, 1);
	EXPECT_EQ(node_of_address(object), 0);
	run_on_cpu(2);
	while ((object = kmem_cache_alloc(cache, GFP_KERNEL)) != NULL) {
		EXPECT_EQ(node_of_address(object), 0);
		borrowed++;
	}
	EXPECT(borrowed > 100);
	EXPECT_REFUSED(kmem_cache_alloc(cache, GFP_KERNEL), ENOMEM);
	check_everything();
}

/* A cache with hooks has no arrays, so its objects wait nowhere either. */
TEST_ON(FOUR_CPUS_TWO_NODES, remote_frees_of_a_cache_with_hooks_go_straight_home)
{
	struct kmem_cache *cache;
	void *objects[300];

	run_on_cpu(0);
	cache = kmem_cache_create("checked", 64, 0, SLAB_FAILSLAB, NULL);
	take_objects(cache, objects, 300);
	run_on_cpu(2);
	give_objects(cache, objects, 300);
	EXPECT_NULL(node_of(cache, 1)->alien);
	EXPECT_EQ(node_of(cache, 0)->free_objects,
		  node_of(cache, 0)->total_slabs * cache->layout.num);
	EXPECT_EQ(kmem_cache_shrink(cache), 0);
	check_everything();
}

/*
 * CPUs go and come. Two nodes of two CPUs each.
 */
#include <ukmem/debug.h>

#include "harness/look.h"
#include "harness/test.h"

static struct kmem_cache *cache_used_on_all_cpus(void)
{
	struct kmem_cache *cache;
	void *objects[20];

	run_on_cpu(0);
	cache = cache_of("story", 64);
	for (int cpu = 0; cpu < 4; cpu++) {
		run_on_cpu(cpu);
		take_objects(cache, objects, 20);
		give_objects(cache, objects, 20);
	}
	run_on_cpu(0);
	return cache;
}

TEST_ON(FOUR_CPUS_TWO_NODES, a_cpu_that_goes_leaves_an_empty_array)
{
	struct kmem_cache *cache = cache_used_on_all_cpus();
	size_t free_limit = node_of(cache, 0)->free_limit;

	EXPECT(array_of(cache, 1)->avail >= 20);
	cpu_went_offline(1);
	EXPECT_EQ(array_of(cache, 1)->avail, 0);
	EXPECT_EQ(node_of(cache, 0)->free_limit, free_limit - 60);
	EXPECT_NE(node_of(cache, 0)->shared, NULL);
	EXPECT(array_of(cache, 0)->avail >= 20);
	check_everything();
}

TEST_ON(FOUR_CPUS_TWO_NODES, the_last_cpu_of_a_node_takes_its_common_arrays_along)
{
	struct kmem_cache *cache = cache_used_on_all_cpus();

	cpu_went_offline(2);
	cpu_went_offline(3);
	EXPECT_NULL(node_of(cache, 1)->shared);
	EXPECT_NULL(node_of(cache, 1)->alien[0].array);
	EXPECT_EQ(node_of(cache, 1)->free_slabs, 0);
	check_everything();
}

TEST_ON(FOUR_CPUS_TWO_NODES, a_cpu_that_comes_back_brings_them_back)
{
	struct kmem_cache *cache = cache_used_on_all_cpus();
	unsigned online = topology.cpus_online;

	cpu_went_offline(2);
	cpu_went_offline(3);
	cpu_went_offline(3);                    /* twice is once */
	EXPECT_EQ(topology.cpus_online, online - 2);
	EXPECT_EQ(cpu_came_online(2), 0);
	EXPECT_EQ(cpu_came_online(2), 0);
	EXPECT_EQ(cpu_came_online(3), 0);
	EXPECT_EQ(topology.cpus_online, online);
	EXPECT_NE(node_of(cache, 1)->shared, NULL);
	EXPECT_NE(node_of(cache, 1)->alien[0].array, NULL);
	EXPECT_NULL(node_of(cache, 1)->alien[1].array);
	run_on_cpu(3);
	kmem_cache_free(cache, kmem_cache_alloc(cache, GFP_KERNEL));
	check_everything();
}

TEST_ON(FOUR_CPUS_TWO_NODES, a_node_without_cpus_still_serves_and_takes_back)
{
	struct kmem_cache *cache = cache_used_on_all_cpus();
	void *objects[50];

	cpu_went_offline(2);
	cpu_went_offline(3);
	for (int i = 0; i < 50; i++) {
		objects[i] = kmem_cache_alloc_node(cache, GFP_KERNEL | __GFP_THISNODE, 1);
		EXPECT_EQ(node_of_address(objects[i]), 1);
	}
	give_objects(cache, objects, 50);
	run_on_cpu(2);                          /* a thread that has not noticed yet */
	take_objects(cache, objects, 50);
	give_objects(cache, objects, 50);
	run_on_cpu(0);
	EXPECT_EQ(kmem_cache_shrink(cache), 0);
	check_everything();
	kmem_cache_destroy(cache);
}

/* Its calls are misses since; what comes back must not hold anything either. */
TEST_ON(FOUR_CPUS_TWO_NODES, a_cache_that_lost_its_arrays_gets_no_alien_caches_back)
{
	struct kmem_cache *cache = cache_used_on_all_cpus();
	void *objects[100];

	take_objects(cache, objects, 100);
	EXPECT_EQ(kmem_cache_fail(cache, 1), 0);
	cpu_went_offline(2);
	cpu_went_offline(3);
	EXPECT_EQ(cpu_came_online(2), 0);
	EXPECT_EQ(cpu_came_online(3), 0);
	EXPECT_NULL(node_of(cache, 1)->alien[0].array);
	run_on_cpu(2);
	give_objects(cache, objects, 100);
	run_on_cpu(0);
	EXPECT_EQ(kmem_cache_shrink(cache), 0);
	check_everything();
}

TEST_ON(FOUR_CPUS, under_a_quota_more_cpus_may_go_than_are_paid_for)
{
	struct kmem_cache *cache = cache_used_on_all_cpus();
	size_t free_limit;

	topology.quota = 2;
	cpu_went_offline(3);
	EXPECT_EQ(topology.cpus_online, 2);
	free_limit = node_of(cache, 0)->free_limit;
	cpu_went_offline(2);
	EXPECT_EQ(node_of(cache, 0)->free_limit, free_limit);
	cpu_went_offline(1);
	EXPECT_EQ(topology.cpus_online, 1);
	EXPECT_EQ(topology.cpus_online_of[0], 1);
	EXPECT_NE(node_of(cache, 0)->shared, NULL);
	for (unsigned cpu = 1; cpu < 4; cpu++)
		EXPECT_EQ(cpu_came_online(cpu), 0);
	EXPECT_EQ(topology.cpus_online, 2);
	check_everything();
}

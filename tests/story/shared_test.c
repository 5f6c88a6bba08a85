/*
 * In the fast profile the array between a node's CPUs is made by the first who has something
 * for it.
 */
#include "harness/look.h"
#include "harness/test.h"
#include "pages/pages.h"

#define FAST_FOUR "profile:fast topology:4x1 reaper:off reap_ms:1000000 "
#define FAST_FOUR_TWO_NODES "profile:fast topology:4x2 reaper:off reap_ms:1000000 "

/* A flush after a flush takes LONG. */
enum { LIMIT = 224, BATCH = 112, LONG = 196, SHARED = 8, COUNT = 4000, ALIEN_LIMIT = 12 };

static void *objects[COUNT];

/* All objects are out, and this CPU's array is full of others: the next free is a flush. */
static struct kmem_cache *cache_before_a_flush(void)
{
	struct kmem_cache *cache;

	run_on_cpu(0);
	cache = cache_of("story", 64);
	take_objects(cache, objects, COUNT);
	kmem_cache_shrink(cache);
	give_objects(cache, objects, LIMIT);
	return cache;
}

static bool may_take_nothing(size_t bytes UNUSED)
{
	return false;
}

TEST_ON(FAST_FOUR, there_is_no_shared_array_before_something_is_given_to_it)
{
	struct kmem_cache *cache = cache_before_a_flush();
	struct kmem_cache_node *n = node_of(cache, 0);

	EXPECT_NULL(n->shared);
	EXPECT_CONTAINS(slabinfo_line("story"), "tunables  224  112    8 ");
	kmem_cache_free(cache, objects[LIMIT]);
	EXPECT_EQ(n->shared->limit, SHARED * BATCH);
	EXPECT_EQ(n->shared->avail, BATCH);
	for (int i = 0; i < BATCH; i++)
		EXPECT_EQ(n->shared->entry[i], objects[i]);
	EXPECT_CONTAINS(slabinfo_line("story"), "slabdata     32     32    112");
	check_everything();
}

TEST_ON(FAST_FOUR, what_was_given_is_taken_again)
{
	struct kmem_cache *cache = cache_before_a_flush();
	struct array_cache *shared;

	kmem_cache_free(cache, objects[LIMIT]);
	shared = node_of(cache, 0)->shared;
	take_objects(cache, objects, BATCH + 1);        /* what the array has */
	EXPECT_EQ(shared->avail, BATCH);
	kmem_cache_alloc(cache, GFP_KERNEL);
	EXPECT_EQ(shared->avail, 0);
	EXPECT_EQ(node_of(cache, 0)->shared, shared);
}

TEST_ON(FAST_FOUR, a_cache_goes_on_without_one_that_is_refused)
{
	struct kmem_cache *cache = cache_before_a_flush();
	struct kmem_cache_node *n = node_of(cache, 0);
	size_t free_before = n->free_objects;

	pages_may_take = may_take_nothing;
	kmem_cache_free(cache, objects[LIMIT]);
	pages_may_take = NULL;
	EXPECT_NULL(n->shared);
	EXPECT_EQ(n->free_objects, free_before + BATCH);
	EXPECT_EQ(array_of(cache, 0)->avail, LIMIT - BATCH + 1);
	check_everything();
	give_objects(cache, objects + LIMIT + 1, BATCH);        /* and has it when there is memory */
	EXPECT_EQ(n->shared->avail, LONG);
}

TEST_ON(FAST_FOUR, of_two_that_are_made_at_once_one_is_given_back)
{
	struct kmem_cache *cache = cache_before_a_flush();
	struct array_cache *shared;
	size_t active;

	kmem_cache_free(cache, objects[LIMIT]);
	shared = node_of(cache, 0)->shared;
	active = meta_active_objects();
	shared_make(node_of(cache, 0));
	EXPECT_EQ(node_of(cache, 0)->shared, shared);
	EXPECT_EQ(shared->avail, BATCH);
	EXPECT_EQ(meta_active_objects(), active);
}

TEST_ON(FAST_FOUR, it_goes_with_its_cache)
{
	size_t active;
	struct kmem_cache *cache;

	run_on_cpu(0);
	active = meta_active_objects();
	cache = cache_before_a_flush();
	give_objects(cache, objects + LIMIT, COUNT - LIMIT);
	EXPECT_NE(node_of(cache, 0)->shared, NULL);
	kmem_cache_destroy(cache);
	EXPECT_EQ(meta_active_objects(), active);
}

TEST_ON(FAST_FOUR, a_tune_says_what_it_holds_and_whether_there_shall_be_one)
{
	struct kmem_cache *cache = cache_before_a_flush();

	EXPECT_EQ(kmem_cache_tune(cache, LIMIT, BATCH, 0), 0);
	give_objects(cache, objects + LIMIT, 3 * BATCH);
	EXPECT_NULL(node_of(cache, 0)->shared);
	EXPECT_EQ(kmem_cache_tune(cache, LIMIT, BATCH, 2), 0);
	give_objects(cache, objects + LIMIT + 3 * BATCH, 5 * BATCH);
	EXPECT_EQ(node_of(cache, 0)->shared->avail, 2 * BATCH);
	check_everything();
}

TEST_ON(FAST_FOUR_TWO_NODES, objects_that_come_home_make_it_too)
{
	struct kmem_cache *cache;

	run_on_cpu(0);
	cache = cache_of("story", 64);
	take_objects(cache, objects, ALIEN_LIMIT + 1);
	run_on_cpu(2);
	give_objects(cache, objects, ALIEN_LIMIT);
	EXPECT_NULL(node_of(cache, 0)->shared);
	kmem_cache_free(cache, objects[ALIEN_LIMIT]);
	EXPECT_EQ(node_of(cache, 0)->shared->avail, ALIEN_LIMIT);
	EXPECT_NULL(node_of(cache, 1)->shared);
	check_everything();
}

/* A tune that comes between the flush's question and its answer. */
TEST_ON(FAST_FOUR, none_is_made_where_there_shall_be_none)
{
	struct kmem_cache *cache = cache_before_a_flush();

	EXPECT_EQ(kmem_cache_tune(cache, 100, 50, 0), 0);
	shared_make(node_of(cache, 0));
	EXPECT_NULL(node_of(cache, 0)->shared);
}

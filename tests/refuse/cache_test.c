/*
 * Calls on a cache, and calls that only look.
 */
#include <ukmem/stats.h>

#include "cpu/adapt.h"
#include "harness/refuse.h"

static struct kmem_cache *cache;

static void destroy_result(void)
{
	kmem_cache_destroy(result);
}

static void ctor(void *object)
{
	*(char *)object = 'c';
}

static struct kmem_cache *silently(struct kmem_cache *made, int error)
{
	log_end();
	errno = error;
	return made;
}

#define CREATE(call) ({                                                         \
		struct kmem_cache *made_;                                       \
		log_begin();                                                    \
		made_ = (call);                                                 \
		got(silently(made_, errno)); })

static bool create(void)
{
	return CREATE(kmem_cache_create("refuse", 200, 0, 0, NULL));
}

static bool create_large(void)
{
	return CREATE(kmem_cache_create("refuse", 300000, 0, 0, ctor));
}

static bool create_usercopy(void)
{
	return CREATE(kmem_cache_create_usercopy("refuse", 200, 64, 0, 0, 8, ctor));
}

REFUSE(create_unwinds, NULL, create, destroy_result)
REFUSE(create_of_large_objects_unwinds, NULL, create_large, destroy_result)
REFUSE(create_usercopy_unwinds, NULL, create_usercopy, destroy_result)

/* ---- Calls on a cache ------------------------------------------------------------------ */

/* A constructor, an off-slab list, and slabs of which one is in use. */
static void prepare_cache(void)
{
	cache = kmem_cache_create("refuse", 1024, 0, 0, ctor);
	EXPECT_NE(kmem_cache_alloc(cache, GFP_KERNEL), NULL);
	kmem_cache_shrink(cache);
}

/* The same, and nobody has used it. */
static void prepare_unused_cache(void)
{
	cache = kmem_cache_create("refuse", 1024, 0, 0, ctor);
}

/* Objects of four pages: a slab each. */
static void prepare_large_cache(void)
{
	cache = kmem_cache_create("refuse", 16384, 0, 0, NULL);
}

static bool alloc(void)
{
	return got(kmem_cache_alloc(cache, GFP_KERNEL));
}

static bool zalloc(void)
{
	return got(kmem_cache_zalloc(cache, GFP_KERNEL));
}

static bool alloc_node(void)
{
	return got(kmem_cache_alloc_node(cache, GFP_KERNEL, (int)topology.nodes - 1));
}

static bool alloc_this_node(void)
{
	return got(kmem_cache_alloc_node(cache, GFP_KERNEL | __GFP_THISNODE,
					 (int)topology.nodes - 1));
}

static void free_to_cache(void)
{
	kmem_cache_free(cache, result);
}

enum { BULK = 100 };

static void *bulk[BULK];

static bool alloc_bulk(void)
{
	int count = kmem_cache_alloc_bulk(cache, GFP_KERNEL, BULK, bulk);

	EXPECT(count == 0 || count == BULK);
	return got(count != 0 ? bulk : NULL);
}

static void free_bulk(void)
{
	kmem_cache_free_bulk(cache, BULK, bulk);
}

REFUSE(alloc_is_null_or_an_object, prepare_unused_cache, alloc, free_to_cache)
REFUSE(alloc_of_a_large_object_is_null_or_one, prepare_large_cache, alloc, free_to_cache)
REFUSE(zalloc_is_null_or_an_object, prepare_unused_cache, zalloc, free_to_cache)
REFUSE(alloc_node_is_null_or_an_object, prepare_unused_cache, alloc_node, free_to_cache)
REFUSE(alloc_of_just_that_node_is_null_or_an_object, prepare_unused_cache, alloc_this_node, free_to_cache)
REFUSE(alloc_bulk_is_all_or_nothing, prepare_unused_cache, alloc_bulk, free_bulk)
REFUSE(alloc_bulk_of_large_objects_is_all_or_nothing, prepare_large_cache, alloc_bulk, free_bulk)

static void nothing_to_undo(void)
{
}

/* An arena of its own, so that the refused requests are those of the frees. */
static void prepare_bulk(void)
{
	prepare_large_cache();
	EXPECT_EQ(kmem_cache_alloc_bulk(cache, GFP_KERNEL, BULK, bulk), BULK);
}

static bool free_all_and_shrink(void)
{
	kmem_cache_free_bulk(cache, BULK, bulk);
	memset(bulk, 0, sizeof(bulk));
	EXPECT_EQ(kmem_cache_shrink(cache), 0);
	return true;
}

REFUSE(shrink_does_what_it_can, prepare_bulk, free_all_and_shrink, nothing_to_undo)

static bool destroy(void)
{
	if (cache != NULL)
		kmem_cache_destroy(cache);
	cache = NULL;
	return true;
}

REFUSE(destroy_is_never_refused, prepare_large_cache, destroy, nothing_to_undo)

static void prepare_used_cache(void)
{
	prepare_cache();
	EXPECT_EQ(kmem_cache_tune(cache, 24, 12, 2), 0);
	kmem_cache_free(cache, kmem_cache_alloc(cache, GFP_KERNEL));
}

static bool tuned(int error, unsigned limit)
{
	EXPECT(error == 0 || error == -ENOMEM);
	EXPECT_EQ(cache->cpu.limit, error == 0 ? limit : 24);
	EXPECT_EQ(array_of(cache, 0)->limit, cache->cpu.limit);
	EXPECT_EQ(node_of(cache, 0)->shared->limit, cache->cpu.shared * cache->cpu.batchcount);
	return error == 0;
}

static bool tune(void)
{
	return tuned(kmem_cache_tune(cache, 1000, 500, 4), 1000);
}

static bool tune_by_text(void)
{
	ssize_t written = slabinfo_write("refuse 500 250 3", 16);

	return tuned(written > 0 ? 0 : (int)written, 500);
}

static void tune_back(void)
{
	EXPECT_EQ(kmem_cache_tune(cache, 24, 12, 2), 0);
}

REFUSE(tune_changes_all_or_nothing, prepare_used_cache, tune, tune_back)
REFUSE(slabinfo_write_changes_all_or_nothing, prepare_used_cache, tune_by_text, tune_back)

/* On both profiles. */
static void prepare_growth(void)
{
	prepare_used_cache();
	cache->cpu.grown_limit = 992;
}

static bool grow_array(void)
{
	struct array_cache *array = array_of(cache, 0);

	cpu_grow_array(&cache->cpu, node_of(cache, 0));
	EXPECT_EQ(array_of(cache, 0)->limit, array_of(cache, 0) == array ? 24 : 992);
	return array_of(cache, 0) != array;
}

/* It goes when it is found idle; a small one comes. */
static void shrink_array(void)
{
	cpu_reap_all(&cache->cpu);
	cpu_reap_all(&cache->cpu);
	kmem_cache_free(cache, kmem_cache_alloc(cache, GFP_KERNEL));
}

REFUSE(an_array_grows_or_stays_as_it_was, prepare_growth, grow_array, shrink_array)

static void all_cpus_go(void)
{
	for (unsigned cpu = 0; cpu < 4; cpu++)
		cpu_went_offline(cpu);
}

static void prepare_offline(void)
{
	prepare_used_cache();
	all_cpus_go();
}

static bool all_cpus_come(void)
{
	int error = 0;

	for (unsigned cpu = 0; cpu < 4; cpu++)
		error |= cpu_came_online(cpu);
	if (error != 0)
		all_cpus_go();
	return error == 0;
}

REFUSE(cpus_come_online_with_or_without_arrays, prepare_offline, all_cpus_come, all_cpus_go)

/* ---- Calls that only look ---------------------------------------------------------------- */

static bool look(void)
{
	char text[20000];
	struct ukmem_stats stats;

	EXPECT(slabinfo_read(text, sizeof(text)) > 100);
	EXPECT_EQ(strncmp(text, "slabinfo - version: 2.1\n", 24), 0);
	ukmem_stats_read(&stats);
	return true;
}

REFUSE(looking_never_fails, NULL, look, nothing_to_undo)

static bool guard(void)
{
	kmem_vfork_guard(true);
	kfree(kmalloc(100, GFP_KERNEL));
	kmem_vfork_guard(false);
	return true;
}

REFUSE(a_guarded_thread_is_refused_as_any_other, NULL, guard, nothing_to_undo)

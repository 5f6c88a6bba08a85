/*
 * The hits compiled into the caller: the same objects, arrays and doors.
 */
#include <ukmem/inline.h>

#include "harness/look.h"
#include "harness/test.h"

/* The library's own, whatever the header makes of a direct call. */
static void *(*const volatile library_alloc)(struct kmem_cache *, gfp_t) = kmem_cache_alloc;
static void (*const volatile library_free)(struct kmem_cache *, void *) = kmem_cache_free;

TEST_ON(FOUR_CPUS, inline_and_library_calls_meet_in_the_same_array)
{
	struct kmem_cache *cache = cache_of("story", 64);
	void *object;

	run_on_cpu(0);
	object = kmem_cache_alloc(cache, GFP_KERNEL);
	kmem_cache_free(cache, object);
	EXPECT_EQ(library_alloc(cache, GFP_KERNEL), object);
	library_free(cache, object);
	EXPECT_EQ(kmem_cache_alloc(cache, GFP_KERNEL), object);
	kmem_cache_free(cache, object);
	EXPECT_EQ(ukmem_alloc_uncleared(cache, GFP_KERNEL), object);
}

TEST_ON(FOUR_CPUS, an_inline_hit_moves_one_object)
{
	struct kmem_cache *cache = cache_of("story", 64);
	unsigned avail;
	void *object;

	run_on_cpu(0);
	kmem_cache_free(cache, kmem_cache_alloc(cache, GFP_KERNEL));
	avail = array_of(cache, 0)->avail;
	array_of(cache, 0)->idle = 1;
	object = kmem_cache_alloc(cache, GFP_KERNEL);
	EXPECT_EQ(array_of(cache, 0)->avail, avail - 1);
	EXPECT_EQ(array_of(cache, 0)->idle, 0);
	kmem_cache_free(cache, object);
	EXPECT_EQ(array_of(cache, 0)->avail, avail);
}

TEST_ON(FOUR_CPUS, what_is_no_hit_leaves_by_the_door)
{
	struct kmem_cache *cache = cache_of("story", 64);
	void *objects[300];

	run_on_cpu(0);
	for (int i = 0; i < 300; i++)                   /* empty arrays */
		objects[i] = memset(kmem_cache_alloc(cache, GFP_KERNEL), 1, 64);
	for (int i = 0; i < 300; i++)                   /* full ones */
		kmem_cache_free(cache, objects[i]);
	for (int i = 0; i < 300; i++) {                 /* cleared ones */
		objects[i] = kmem_cache_alloc(cache, GFP_KERNEL | __GFP_ZERO);
		EXPECT_EQ(*(char *)objects[i], 0);
	}
	kmem_cache_free_bulk(cache, 300, objects);
	kmem_cache_free(cache, NULL);
	EXPECT_EQ(kmem_cache_shrink(cache), 0);
	EXPECT_EQ(slabs_of(cache), 0);
}

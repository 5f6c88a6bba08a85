#include <ukmem/pages.h>
#include <ukmem/source.h>

#include "harness/refuse.h"

static struct kmem_source *source;
static struct kmem_cache *cache;

static void destroy_source(void)
{
	EXPECT_EQ(kmem_source_destroy(result), 0);
}

static bool call_low(void)
{
	return got(kmem_source_low(8 << 20));
}

static bool call_locked(void)
{
	return got(kmem_source_locked(8 << 20));
}

static bool call_shared(void)
{
	return got(kmem_source_shared(8 << 20));
}

REFUSE(a_low_source_is_null_or_made, NULL, call_low, destroy_source)
REFUSE(a_locked_source_is_null_or_made, NULL, call_locked, destroy_source)
REFUSE(a_shared_source_is_null_or_made, NULL, call_shared, destroy_source)

static bool make_cache(void)
{
	cache = kmem_cache_create("mine", 3000,
			&(struct kmem_cache_args){ .source = source }, 0);
	return got(cache);
}

static void destroy_cache(void)
{
	kmem_cache_shrink(cache);
	kmem_cache_destroy(cache);
}

static void prepare_shared(void)
{
	source = kmem_source_shared(8 << 20);
}

static void prepare_locked(void)
{
	source = kmem_source_locked(8 << 20);
}

REFUSE(a_cache_with_a_source_is_null_or_made, prepare_shared, make_cache, destroy_cache)

static void prepare_shared_cache(void)
{
	prepare_shared();
	EXPECT(make_cache());
}

static void prepare_locked_cache(void)
{
	prepare_locked();
	EXPECT(make_cache());
}

static bool call_alloc(void)
{
	return got(kmem_cache_alloc(cache, GFP_KERNEL));
}

static void free_object(void)
{
	kmem_cache_free(cache, result);
}

REFUSE(a_shared_object_is_null_or_memory, prepare_shared_cache, call_alloc, free_object)
REFUSE(a_locked_object_is_null_or_memory, prepare_locked_cache, call_alloc, free_object)

/* A shrink that is refused leaves the memory where it was. */
static bool call_alloc_and_shrink(void)
{
	if (!call_alloc())
		return false;
	free_object();
	kmem_cache_shrink(cache);
	return call_alloc();
}

REFUSE(memory_that_does_not_go_is_used_again, prepare_shared_cache, call_alloc_and_shrink,
       free_object)

static bool call_low_pages(void)
{
	return got(alloc_pages(GFP_KERNEL | GFP_DMA32, 2));
}

static void give_pages(void)
{
	__free_pages(result, 2);
}

REFUSE(low_pages_are_null_or_memory, NULL, call_low_pages, give_pages)

static bool make_low_cache(void)
{
	cache = kmem_cache_create("ring", 200, 0, SLAB_CACHE_DMA32, NULL);
	return got(cache);
}

REFUSE(a_cache_for_low_memory_is_null_or_made, NULL, make_low_cache, destroy_cache)

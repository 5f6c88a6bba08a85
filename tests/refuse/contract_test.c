/*
 * Pools, sheaves, buckets and pages: done, or refused with nothing taken.
 */
#include <ukmem/buckets.h>
#include <ukmem/mempool.h>
#include <ukmem/sheaf.h>
#include <ukmem/shrinker.h>

#include "harness/refuse.h"

static struct kmem_cache *cache;

static void make_cache(void)
{
	cache = cache_of("story", 300);
}

static bool call_sheaf(void)
{
	return got(kmem_cache_prefill_sheaf(cache, GFP_KERNEL, 200));
}

static void return_sheaf(void)
{
	kmem_cache_return_sheaf(cache, GFP_KERNEL, result);
}

static bool call_refill_sheaf(void)
{
	struct slab_sheaf *sheaf = kmem_cache_prefill_sheaf(cache, GFP_KERNEL, 2);
	int error;

	if (!got(sheaf))
		return false;
	error = kmem_cache_refill_sheaf(cache, GFP_KERNEL, &sheaf, 300);
	result = sheaf;
	if (error == 0)
		return true;
	EXPECT_EQ(error, -ENOMEM);
	EXPECT_EQ(kmem_cache_sheaf_size(sheaf), 2);
	return_sheaf();
	errno = 0;
	return false;
}

REFUSE(a_sheaf_is_null_or_full, make_cache, call_sheaf, return_sheaf)
REFUSE(a_sheaf_is_refilled_or_as_it_was, make_cache, call_refill_sheaf, return_sheaf)

static bool call_buckets(void)
{
	return got(kmem_buckets_create("mine", 0, 0, 8, NULL));
}

static void destroy_buckets(void)
{
	kmem_buckets_destroy(result);
}

REFUSE(buckets_are_null_or_all_there, NULL, call_buckets, destroy_buckets)

static bool call_mempool(void)
{
	return got(mempool_create_slab_pool(100, cache));
}

static bool call_page_pool(void)
{
	return got(mempool_create_page_pool(5, 1));
}

static void destroy_pool(void)
{
	mempool_destroy(result);
}

REFUSE(a_pool_of_objects_is_null_or_full, make_cache, call_mempool, destroy_pool)
REFUSE(a_pool_of_pages_is_null_or_full, NULL, call_page_pool, destroy_pool)

static bool call_pages(void)
{
	return got(alloc_pages(GFP_KERNEL, 3));
}

static void give_pages(void)
{
	__free_pages(result, 3);
}

static bool call_vmalloc(void)
{
	return got(vmalloc(100000));
}

static void give_vmalloc(void)
{
	vfree(result);
}

REFUSE(pages_are_null_or_memory, NULL, call_pages, give_pages)
REFUSE(vmalloc_is_null_or_memory, NULL, call_vmalloc, give_vmalloc)

static void free_result(void)
{
	kfree(result);
}

static bool call_nolock(void)
{
	return got(kmalloc(1000, GFP_KERNEL)) &&
	       (free_result(), got(kmalloc_nolock(1000, 0, NUMA_NO_NODE)));
}

REFUSE(kmalloc_nolock_is_null_or_memory, NULL, call_nolock, free_result)

static bool call_create_args(void)
{
	return got(kmem_cache_create("mine", 100,
			&(struct kmem_cache_args){ .sheaf_capacity = 600 }, 0));
}

static void destroy_cache(void)
{
	kmem_cache_destroy(result);
}

REFUSE(a_cache_with_a_sheaf_capacity_is_null_or_made, NULL, call_create_args, destroy_cache)

static bool call_shrinker(void)
{
	return got(shrinker_alloc(0, "mine"));
}

static void free_shrinker(void)
{
	shrinker_free(result);
}

REFUSE(a_shrinker_is_null_or_made, NULL, call_shrinker, free_shrinker)

/*
 * api.c: the public functions on a cache; each a line or two.
 */
/* The functions themselves, not what callers make of them. */
#define UKMEM_CALL_H

#include <errno.h>
#include <string.h>

#include "cache/cache.h"

PUBLIC void *kmem_cache_alloc(struct kmem_cache *cache, gfp_t gfp)
{
	return cpu_alloc(&cache->cpu, gfp);
}

PUBLIC void *ukmem_alloc_uncleared(struct kmem_cache *cache, gfp_t gfp)
{
	return cpu_alloc_either(&cache->cpu, gfp, false);
}

PUBLIC void kmem_cache_free(struct kmem_cache *cache, void *object)
{
	cpu_free(&cache->cpu, object);
}

PUBLIC void *ukmem_alloc_miss(struct kmem_cache *cache, gfp_t gfp)
{
	return cpu_alloc_slow(slots_base(cache->cpu.slot), gfp);
}

PUBLIC void ukmem_free_miss(struct kmem_cache *cache, void *object)
{
	cpu_free_slow(slots_base(cache->cpu.slot), object);
}

PUBLIC void *kmem_cache_zalloc(struct kmem_cache *cache, gfp_t gfp)
{
	void *object = cpu_alloc(&cache->cpu, gfp & ~__GFP_ZERO);

	if (likely(object != NULL))
		memset(object, 0, cache->layout.object_size);
	return object;
}

PUBLIC void *kmem_cache_alloc_node(struct kmem_cache *cache, gfp_t gfp, int node)
{
	if (node == NUMA_NO_NODE)
		return cpu_alloc(&cache->cpu, gfp);
	if (!node_exists(node)) {
		errno = EINVAL;
		return NULL;
	}
	return cpu_alloc_node(&cache->cpu, gfp, (unsigned)node);
}

PUBLIC int kmem_cache_alloc_bulk(struct kmem_cache *cache, gfp_t gfp, size_t count,
				 void **objects)
{
	for (size_t i = 0; i < count; i++) {
		objects[i] = cpu_alloc(&cache->cpu, gfp);
		if (unlikely(objects[i] == NULL)) {
			kmem_cache_free_bulk(cache, i, objects);
			errno = ENOMEM;
			return 0;
		}
	}
	return (int)count;
}

PUBLIC void kmem_cache_free_bulk(struct kmem_cache *cache, size_t count, void **objects)
{
	for (size_t i = 0; i < count; i++)
		cpu_free(&cache->cpu, objects[i]);
}

PUBLIC unsigned kmem_cache_size(struct kmem_cache *cache)
{
	return cache != NULL ? cache->layout.object_size : 0;
}

PUBLIC const char *kmem_cache_name(struct kmem_cache *cache)
{
	return cache != NULL ? cache->name : NULL;
}

PUBLIC void kmem_vfork_guard(bool on)
{
	if (boot_ensure() == 0)
		thread_guard(on);
}

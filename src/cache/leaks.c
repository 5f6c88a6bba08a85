/*
 * leaks.c: with leaks:yes, a line at exit for each cache that still has objects out.
 *
 * Nothing is searched: what a program keeps on purpose is told as well. Of the kmalloc
 * caches some may hold free lists of slabs, which are ours.
 */
#include "base/check.h"
#include "cache/cache.h"

bool leaks_wanted;

static void tell(struct kmem_cache *cache)
{
	size_t count;

	cache_shrink(cache);            /* what waits in arrays was freed */
	count = cache_active_objects(cache);
	if (count != 0)
		slab_log("leaks: %s: %zu objects are still out, %zu bytes", cache->name, count,
			 count * object_size_of(&cache->layout));
}

__attribute__((destructor)) static void at_exit(void)
{
	if (!leaks_wanted || !booted)
		return;
	lock_take(&registry_lock);
	for_each_cache(cache)
		tell(cache);
	lock_drop(&registry_lock);
}

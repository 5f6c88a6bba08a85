/*
 * registry.c: all caches, and which of them can serve for another.
 */
#include <string.h>

#include "base/bits.h"
#include "base/shown.h"
#include "cache/cache.h"
#include "debug/debug.h"
#include "os/options.h"

/* On both sides: whoever has one of these wants slabs of his own. */
#define SLAB_NEVER_MERGE (SLAB_HOOK_FLAGS | SLAB_TYPESAFE_BY_RCU | SLAB_TYPE_APART | \
			  SLAB_NOLEAKTRACE)

/* These must be the same on both. */
#define SLAB_MERGE_SAME (SLAB_RECLAIM_ACCOUNT | SLAB_CACHE_DMA | SLAB_CACHE_DMA32 | \
			 SLAB_ACCOUNT)

struct lock registry_lock = LOCK_INIT(LOCK_RANK_REGISTRY);
struct list registry = { &registry, &registry };

static bool is_unmergeable(const struct kmem_cache *cache)
{
	slab_flags_t flags = cache->flags | (cache->layout.checks & SLAB_FAILSLAB);     /* fail.c */

	return (flags & SLAB_NEVER_MERGE) != 0 || cache->layout.zone != flags_zone(cache->flags) || cache->layout.ctor != NULL ||
	       cache->usersize != 0 || cache->refcount == REFCOUNT_BOOT;
}

/* Same kind, room enough, aligned enough, and less than a pointer wasted. */
static bool can_serve(const struct kmem_cache *cache, unsigned size, unsigned align,
		      slab_flags_t flags)
{
	const struct slab_layout *layout = &cache->layout;

	return !is_unmergeable(cache) &&
	       (flags & SLAB_MERGE_SAME) == (cache->flags & SLAB_MERGE_SAME) &&
	       size <= layout->size && layout->size % align == 0 &&
	       layout->size - size < sizeof(void *) && layout->align % align == 0;
}

struct kmem_cache *find_mergeable(unsigned size, unsigned align, slab_flags_t flags,
				  void (*ctor)(void *))
{
	struct kmem_cache *oldest = NULL;

	if (!options.merge || options.hardening == HARDENING_STRICT || ctor != NULL || (flags & SLAB_NEVER_MERGE) != 0)
		return NULL;
	size = (unsigned)align_up(size, sizeof(void *));
	align = calculate_alignment((flags & SLAB_HWCACHE_ALIGN) != 0, align, size);
	size = calculate_stride(size, align, lists_stay_with_slabs());
	for_each_cache(cache)
		if (can_serve(cache, size, align, flags))
			oldest = cache;
	return oldest;
}

static bool is_shown_as(const struct kmem_cache *cache, const char *name, size_t length)
{
	for (size_t i = 0; i < length; i++)
		if (shown_byte(cache->name[i]) != shown_byte(name[i]))
			return false;
	return true;
}

struct kmem_cache *find_by_name(const char *name, size_t length)
{
	for_each_cache(cache)
		if (strlen(cache->name) == length && is_shown_as(cache, name, length))
			return cache;
	return NULL;
}

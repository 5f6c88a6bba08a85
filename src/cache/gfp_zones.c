/*
 * gfp_zones.c: whose pages __GFP_DMA and __GFP_DMA32 get.
 *
 * What an application says (kmem_source_serve), else for __GFP_DMA32 addresses below
 * 4 GiB, which are looked for when they are first wanted, and for __GFP_DMA any.
 */
#include <errno.h>

#include "base/bits.h"
#include "cache/cache.h"
#include "debug/shadow.h"
#include "os/ops.h"
#include "pages/source.h"

enum { RANGE_STEP = RUN_PAGES_MAX << PAGE_SHIFT };      /* 4 MiB, what bases are aligned to */

static struct zone *dma_zone, *dma32_zone;              /* the application's */

static int purge_low(struct kmem_source *source UNUSED, void *address, size_t bytes)
{
	return os_ops.purge(address, bytes);
}

static struct kmem_source low_source = {
	.name = "low",
	.unit = PAGE_BYTES,
	.node = NUMA_NO_NODE,
	.zeroed = true,
	.free = purge_low,
};

/* ---- Low addresses ------------------------------------------------------------------- */

/*
 * From the top down: what a program that is not position-independent has there, and its
 * heap, are at the bottom.
 */
static bool find_low(size_t bytes, void **base)
{
	const size_t end = (size_t)4 << 30, first = (size_t)64 << 20, stride = (size_t)64 << 20;

	for (size_t hint = end - max_size(bytes, stride); hint >= first; hint -= stride)
		if (os_ops.reserve((void *)hint, bytes, base) == 0)
			return true;
	return false;
}

int low_range(struct kmem_source *source, size_t bytes)
{
	for (; bytes >= RANGE_STEP; bytes = align_down(bytes / 2, RANGE_STEP)) {
		if (!find_low(bytes, &source->base))
			continue;
		source->bytes = bytes;
		if (os_ops.commit(source->base, bytes) == 0)
			return 0;
		os_ops.unreserve(source->base, bytes);
	}
	return -ENOMEM;
}

static int make_low(void)
{
	int error = low_range(&low_source, (size_t)1 << 30);

	if (error != 0)
		return error;
	error = source_begin(&low_source);
	if (error != 0)
		os_ops.unreserve(low_source.base, low_source.bytes);
	else
		shadow_follow(low_source.base, low_source.bytes);
	return error;
}

/* ---- Who serves ------------------------------------------------------------------------ */

gfp_t flags_gfp(slab_flags_t flags)
{
	return (flags & SLAB_CACHE_DMA ? __GFP_DMA : 0) |
	       (flags & SLAB_CACHE_DMA32 ? __GFP_DMA32 : 0);
}

static struct zone *present_zone(gfp_t gfp)
{
	if (gfp & __GFP_DMA)
		return dma_zone;
	if ((gfp & __GFP_DMA32) == 0)
		return NULL;
	return dma32_zone != NULL ? dma32_zone : low_source.zone;
}

struct zone *flags_zone(slab_flags_t flags)
{
	return present_zone(flags_gfp(flags));
}

int gfp_zone(gfp_t gfp, struct zone **out)
{
	int error = 0;

	*out = present_zone(gfp);
	if (*out == NULL && (gfp & (__GFP_DMA | __GFP_DMA32)) == __GFP_DMA32) {
		error = make_low();
		*out = low_source.zone;
	}
	return error;
}

void gfp_zone_set(gfp_t gfp, struct zone *zone)
{
	*(gfp == __GFP_DMA ? &dma_zone : &dma32_zone) = zone;
}

bool gfp_zone_is(const struct zone *zone)
{
	return zone == dma_zone || zone == dma32_zone;
}

/* ---- Fork ------------------------------------------------------------------------------- */

static void abandon_cache(struct kmem_cache *cache)
{
	cpu_arrays_abandon(&cache->cpu);
	for (unsigned node = 0; node < topology.nodes; node++) {
		struct kmem_cache_node *n = cache_nodes(cache)[node];
		struct alien_cache *alien = n->alien;

		shared_set(n, NULL, 0);
		for (unsigned home = 0; home < topology.nodes && alien != NULL; home++)
			alien[home].array = NULL;
		node_forget(n);
	}
}

/* The kernel's cut was one of the memory; the descriptors in the child are a copy. */
void sources_abandon(void)
{
	for_each_cache(cache)
		if (cache->layout.zone != NULL && cache->layout.zone->from->source->shared)
			abandon_cache(cache);
	for (unsigned number = topology.nodes; number < zones_count; number++) {
		const struct kmem_source *source = zones[number].from->source;

		if (source != NULL && source->shared)
			source_abandon(&zones[number]);
	}
}

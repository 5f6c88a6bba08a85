/*
 * holes.c: of every cache, the memory inside of slabs that are still used (slab/holes.h).
 *
 * The descriptors are walked, not the caches' lists: no lock is held from slab to slab.
 * What is read without a lock is a guess, and the node looks again under its own; layouts
 * stay, because the registry's lock is held.
 */
#include "cache/cache.h"
#include "node/holes.h"
#include "slab/holes.h"

counter_t holes_released;

/* NULL when there is nothing to do. */
static struct kmem_cache *cache_to_visit(struct page *page)
{
	struct slab_layout *layout = PEEK(page->layout);

	if (PEEK(page->stirred) == SLAB_AT_REST || layout == NULL ||
	    !layout_may_have_holes(layout))
		return NULL;
	return cache_of_layout(layout);
}

static size_t purge_in_zone(struct zone *zone)
{
	size_t pages = 0, step;

	for (size_t i = 0; i < zone->committed_pages; i += step) {
		struct page *page = &zone->map[i];
		struct kmem_cache *cache;

		step = 1;
		if (PEEK(page->state) != PAGE_SLAB)
			continue;
		step <<= PEEK(page->order);
		cache = cache_to_visit(page);
		if (cache != NULL)
			pages += node_purge_holes(cache_nodes(cache)[zone->node], page);
	}
	return pages;
}

size_t holes_purge(void)
{
	size_t pages = 0;

	for (unsigned node = 0; node < topology.nodes; node++)
		pages += purge_in_zone(&zones[node]);
	counter_add(&holes_released, pages);
	return pages;
}

/* After as many looks as it takes to be found at rest. */
size_t holes_purge_now(void)
{
	size_t pages = 0;

	lock_take(&registry_lock);
	for (unsigned look = 0; look < SLAB_STIRRED; look++)
		pages += holes_purge();
	lock_drop(&registry_lock);
	return pages;
}

/*
 * source.c: see source.h.
 */
#include "pages/source.h"

#include <errno.h>

#include "base/bits.h"
#include "base/check.h"
#include "os/ops.h"
#include "os/topology.h"
#include "pages/pages.h"

static struct zone_source from_sources[SOURCES_MAX] RARELY_USED;

static size_t descriptor_bytes(const struct kmem_source *source)
{
	return (source->bytes >> PAGE_SHIFT) * (sizeof(struct page) + 1);
}

/* ---- Away ------------------------------------------------------------------------- */

static void put_away(struct zone *zone, struct page *run, unsigned order)
{
	PAGE_SET(run, state, PAGE_AWAY);
	PAGE_SET(run, order, (uint8_t)order);
	run->zone = zone_number(zone);
	list_add_head(&zone->from->away[order], &run->list);
	zone->from->away_pages += (size_t)1 << order;
}

static void bring_back(struct zone_source *from, struct page *run)
{
	list_remove(&run->list);
	PAGE_SET(run, state, PAGE_PURGING);
	from->away_pages -= (size_t)1 << run->order;
}

/* The smallest that will do, else the largest there is. */
static struct page *find_away(struct zone_source *from, unsigned order)
{
	for (unsigned o = order; o <= MAX_ORDER; o++)
		if (!list_empty(&from->away[o]))
			return list_entry(from->away[o].next, struct page, list);
	for (unsigned o = order; o-- > 0;)
		if (!list_empty(&from->away[o]))
			return list_entry(from->away[o].next, struct page, list);
	return NULL;
}

/* Take a run of 2^@order pages or less off the lists; what is more stays away. */
static struct page *claim(struct zone *zone, unsigned order)
{
	struct page *run = find_away(zone->from, order);

	if (run == NULL)
		return NULL;
	bring_back(zone->from, run);
	while (run->order > order) {
		run->order--;
		put_away(zone, run + ((size_t)1 << run->order), run->order);
	}
	return run;
}

bool source_more(struct zone *zone, unsigned order)
{
	struct kmem_source *source = zone->from->source;
	struct page *run;
	bool there;

	lock_take(&zone->lock);
	run = claim(zone, (unsigned)max_size(order, zone->from->unit_order));
	lock_drop(&zone->lock);
	if (run == NULL)
		return false;
	there = source->alloc == NULL ||
		source->alloc(source, page_address_in(zone, run), PAGE_BYTES << run->order) == 0;
	lock_take(&zone->lock);
	if (there)
		buddy_give(zone, run, run->order, !source->zeroed);
	else
		put_away(zone, run, run->order);
	lock_drop(&zone->lock);
	return there;
}

bool source_release(struct zone *zone, struct page *run)
{
	struct kmem_source *source = zone->from->source;

	if (source->free(source, page_address_in(zone, run), PAGE_BYTES << run->order) != 0)
		return false;
	release_descriptors(run);
	lock_take(&zone->lock);
	put_away(zone, run, run->order);
	lock_drop(&zone->lock);
	return true;
}

size_t source_idle_pages(struct zone *zone)
{
	size_t pages = 0;

	lock_take(&zone->lock);
	for (unsigned order = zone->from->unit_order; order <= MAX_ORDER && source_takes_back(zone);
	     order++)
		list_for_each(unused, &zone->free[order])
			pages += (size_t)1 << order;
	lock_drop(&zone->lock);
	return pages;
}

/* ---- A zone's beginning and end ------------------------------------------------------ */

static struct zone *unused_zone(void)
{
	unsigned count = zones_count;

	for (unsigned number = topology.nodes; number < count; number++)
		if (zones[number].from->source == NULL)
			return &zones[number];
	return count < topology.nodes + SOURCES_MAX ? &zones[count] : NULL;
}

static bool overlaps(const struct kmem_source *source)
{
	const char *start = source->base, *end = start + source->bytes;

	for (unsigned number = 0; number < zones_count; number++) {
		const struct zone *zone = &zones[number];

		if (start < zone->base + (zone->reserved_pages << PAGE_SHIFT) && zone->base < end)
			return true;
	}
	return false;
}

static void init_lists(struct zone *zone)
{
	for (unsigned order = 0; order <= MAX_ORDER; order++) {
		list_init(&zone->free[order]);
		list_init(&zone->from->away[order]);
	}
	zone->free_pages = zone->dirty_pages = zone->from->away_pages = 0;
}

/* The range as runs, the largest that its end allows. */
static void cut_range(struct zone *zone)
{
	for (size_t done = 0; done < zone->reserved_pages;) {
		unsigned order = MAX_ORDER;

		while (done + ((size_t)1 << order) > zone->reserved_pages)
			order--;
		put_away(zone, &zone->map[done], order);
		done += (size_t)1 << order;
	}
}

static void describe(struct zone *zone, struct kmem_source *source, void *descriptors)
{
	size_t pages = source->bytes >> PAGE_SHIFT;

	zone->base = source->base;
	zone->map = descriptors;
	set_classes(zone, (uint8_t *)(zone->map + pages));
	zone->range = descriptors;
	zone->range_bytes = descriptor_bytes(source);
	zone->reserved_pages = pages;
	zone->node = source->node == NUMA_NO_NODE ? 0 : (unsigned)source->node;
	zone->from->source = source;
	zone->from->unit_order = order_of(source->unit);
	zone->from->caches = 0;
	zone->from->closed = false;
}

int source_begin(struct kmem_source *source)
{
	struct zone *zone = unused_zone();
	void *descriptors;
	int error;

	if (zone == NULL)
		return -ENOSPC;
	if (overlaps(source))
		return -EINVAL;
	error = os_ops.map(descriptor_bytes(source), &descriptors);
	if (error != 0)
		return error;
	if (zone->from == NULL)
		lock_init(&zone->lock, LOCK_RANK_ZONE);
	zone->from = &from_sources[zone - zones - topology.nodes];
	describe(zone, source, descriptors);
	init_lists(zone);
	cut_range(zone);
	source->zone = zone;
	atomic_store_explicit(&zone->committed_pages, zone->reserved_pages, memory_order_release);
	if (zone == &zones[zones_count])
		atomic_fetch_add(&zones_count, 1);
	return 0;
}

int source_end(struct kmem_source *source)
{
	struct zone *zone = source->zone;
	size_t left;
	bool busy;

	lock_take(&zone->lock);
	left = zone->reserved_pages - zone->from->away_pages;
	if (source->free == NULL)
		left -= zone->free_pages;
	busy = zone->from->caches != 0 || (left != 0 && !zone->from->closed);
	if (!busy)
		zone->from->source = NULL;      /* who purges does not ask it any more */
	lock_drop(&zone->lock);
	if (busy)
		return -EBUSY;
	zone->committed_pages = 0;
	source->zone = NULL;
	os_ops.unmap(zone->range, zone->range_bytes);
	if (zone->owners != NULL)
		os_ops.unmap(zone->owners, zone_owners_bytes(zone));
	zone->owners = NULL;
	zone->reserved_pages = 0;
	init_lists(zone);
	return 0;
}

void source_abandon(struct zone *zone)
{
	zone->from->closed = true;
	init_lists(zone);
}

/*
 * pages.c: take and give runs of pages.
 */
#include "pages/pages.h"
#include "pages/source.h"

#include <errno.h>

#include "base/check.h"
#include "os/topology.h"

bool (*pages_may_take)(size_t bytes);

int pages_init(void)
{
	return zones_reserve();
}

static struct page *take_of_node(struct zone *zone, unsigned order, bool may_block, bool *zeroed)
{
	struct page *page;

	if (!lock_take_if(&zone->lock, may_block))
		return NULL;
	page = buddy_take(zone, order, zeroed);
	if (page == NULL && may_block && zone_commit_more(zone))
		page = buddy_take(zone, order, zeroed);
	lock_drop(&zone->lock);
	return page;
}

/* A source works without our lock, so that others may take what it brings: again then. */
static struct page *take_of_source(struct zone *zone, unsigned order, bool may_block,
				   bool *zeroed)
{
	struct page *page;

	do {
		if (!lock_take_if(&zone->lock, may_block))
			return NULL;
		page = buddy_take(zone, order, zeroed);
		lock_drop(&zone->lock);
	} while (page == NULL && may_block && (source_more(zone, order) || zone_purge_wait(zone)));
	return page;
}

struct page *zone_take(struct zone *zone, unsigned order, bool may_block, bool *zeroed)
{
	bool unused;

	if (zeroed == NULL)
		zeroed = &unused;
	if (order > MAX_ORDER)
		return NULL;
	if (unlikely(pages_may_take != NULL) && !pages_may_take(PAGE_BYTES << order))
		return NULL;
	if (unlikely(zone->from != NULL))
		return take_of_source(zone, order, may_block, zeroed);
	return take_of_node(zone, order, may_block, zeroed);
}

struct page *pages_alloc(unsigned node, unsigned order, bool may_block, bool *zeroed)
{
	return zone_take(&zones[node], order, may_block, zeroed);
}

struct page *pages_alloc_any(unsigned node, unsigned order, bool may_block, bool *zeroed)
{
	for (unsigned i = 0; i < topology.nodes; i++) {
		struct page *page = pages_alloc((node + i) % topology.nodes, order,
						may_block, zeroed);

		if (page != NULL)
			return page;
	}
	return NULL;
}

/* In a fork child a run of its parent's stays where it is. */
static void give_and_unlock(struct zone *zone, struct page *page)
{
	slab_assert(page->state == PAGE_TAKEN);
	if (!zone_is_closed(zone))
		buddy_give_run(zone, page, page->order, true);
	lock_drop(&zone->lock);
}

void pages_free(struct page *page)
{
	struct zone *zone = page_zone(page);

	lock_take_unordered(&zone->lock);       /* node_grow gives up in a handler too */
	give_and_unlock(zone, page);
}

bool pages_free_at_once(struct page *page)
{
	struct zone *zone = page_zone(page);

	if (!lock_take_if(&zone->lock, false))
		return false;
	give_and_unlock(zone, page);
	return true;
}

/* Over the nodes' zones, of a counter that their locks guard. */
static size_t sum_of(size_t offset)
{
	size_t sum = 0;

	for (unsigned node = 0; node < topology.nodes; node++) {
		lock_take(&zones[node].lock);
		sum += *(const size_t *)(const void *)((const char *)&zones[node] + offset);
		lock_drop(&zones[node].lock);
	}
	return sum;
}

size_t pages_dirty(void)
{
	size_t sum = sum_of(offsetof(struct zone, dirty_pages));

	for (unsigned number = topology.nodes; number < zones_count; number++)
		sum += source_idle_pages(&zones[number]);
	return sum;
}

size_t pages_free_count(void)
{
	return sum_of(offsetof(struct zone, free_pages));
}

size_t pages_committed(void)
{
	size_t sum = 0;

	for (unsigned node = 0; node < topology.nodes; node++)
		sum += zones[node].committed_pages;
	return sum;
}

/*
 * buddy.c: split on the way down, merge on the way up.
 *
 * The buddy system (Knowlton 1965): runs of 2^order pages; the buddy of a run is the
 * one beside it whose number differs in the bit of the order. All under the zone's
 * lock; invariants P1 to P4 are in page.h.
 */
#include "base/check.h"
#include "os/clock.h"
#include "pages/source.h"

static struct page *buddy_of(struct zone *zone, struct page *page, unsigned order)
{
	return &zone->map[page_number(zone, page) ^ ((size_t)1 << order)];
}

static void put_on_list(struct zone *zone, struct page *page, unsigned order, bool dirty)
{
	PAGE_SET(page, state, PAGE_FREE);
	PAGE_SET(page, order, (uint8_t)order);
	page->zone = zone_number(zone);
	PAGE_SET(page, dirty, dirty);
	page->freed_ms = (uint32_t)clock_ms();
	list_add_head(&zone->free[order], &page->list);
	zone->free_pages += (size_t)1 << order;
	if (dirty)
		zone->dirty_pages += (size_t)1 << order;
}

void buddy_take_whole(struct zone *zone, struct page *page)
{
	size_t count = (size_t)1 << page->order;

	slab_debug_assert(page->state == PAGE_FREE);
	list_remove(&page->list);
	PAGE_SET(page, state, PAGE_TAKEN);
	zone->free_pages -= count;
	if (page->dirty)
		zone->dirty_pages -= count;
}

/* The smallest free run of at least @order. */
static struct page *find_run(struct zone *zone, unsigned order)
{
	for (; order <= MAX_ORDER; order++)
		if (!list_empty(&zone->free[order]))
			return list_entry(zone->free[order].next, struct page, list);
	return NULL;
}

/* Halve until the run has @order; the upper halves go on the lists. */
static void split(struct zone *zone, struct page *page, unsigned order)
{
	while (page->order > order) {
		PAGE_SET(page, order, (uint8_t)(page->order - 1));
		put_on_list(zone, buddy_of(zone, page, page->order), page->order, page->dirty);
	}
}

void buddy_make_run(struct zone *zone, struct page *head, unsigned order)
{
	PAGE_SET(head, state, PAGE_TAKEN);
	PAGE_SET(head, order, (uint8_t)order);
	head->zone = zone_number(zone);
	for (uint32_t i = 1; i < (uint32_t)1 << order; i++) {
		PAGE_SET(&head[i], state, PAGE_TAIL);
		head[i].head_distance = i;
	}
}

struct page *buddy_take(struct zone *zone, unsigned order, bool *zeroed)
{
	struct page *page = find_run(zone, order);

	if (page == NULL)
		return NULL;
	buddy_take_whole(zone, page);
	split(zone, page, order);
	buddy_make_run(zone, page, order);
	*zeroed = !page->dirty;
	return page;
}

bool buddy_is_free(const struct zone *zone, const struct page *page)
{
	return page_number(zone, page) < zone->committed_pages && PEEK(page->state) == PAGE_FREE;
}

static bool can_merge(struct zone *zone, struct page *buddy, unsigned order)
{
	return buddy_is_free(zone, buddy) && buddy->order == order;
}

/* A dirty half makes the whole dirty: purging the clean part again does no harm. */
void buddy_give(struct zone *zone, struct page *page, unsigned order, bool dirty)
{
	while (order < MAX_ORDER) {
		struct page *buddy = buddy_of(zone, page, order);

		if (!can_merge(zone, buddy, order))
			break;
		buddy_take_whole(zone, buddy);
		dirty = dirty || buddy->dirty;
		if (buddy < page)
			page = buddy;
		PAGE_SET(&page[(size_t)1 << order], state, PAGE_TAIL);
		page[(size_t)1 << order].head_distance = (uint32_t)1 << order;
		order++;
	}
	put_on_list(zone, page, order, dirty);
}

/*
 * Behind the head of a free run nobody is a tail: when the run is split again, a
 * stale distance could name a slab as the head of a free page.
 */
void buddy_give_run(struct zone *zone, struct page *head, unsigned order, bool dirty)
{
	for (uint32_t i = 1; i < (uint32_t)1 << order; i++)
		PAGE_SET(&head[i], state, PAGE_NO_HEAD);
	PAGE_SET(head, order, (uint8_t)order);
	buddy_give(zone, head, order, dirty);
}

static void check_run(struct zone *zone, struct page *page, enum page_state state)
{
	size_t count = (size_t)1 << page->order;

	slab_assert(page->order <= MAX_ORDER);
	slab_assert(page_number(zone, page) % count == 0);                    /* P1 */
	if (state == PAGE_FREE) {
		struct page *buddy = buddy_of(zone, page, page->order);

		slab_assert(!list_empty(&page->list));                        /* P2 */
		slab_assert(page->order == MAX_ORDER || !can_merge(zone, buddy, page->order));
		return;
	}
	for (size_t i = 1; i < count; i++)
		slab_assert(page[i].state == PAGE_TAIL && page[i].head_distance == i); /* P3 */
}

/* Walk P1 to P3 and the counters. Takes the lock. */
void zone_check(struct zone *zone)
{
	size_t free_pages = 0, dirty_pages = 0;

	if (zone_is_closed(zone))
		return;
	lock_take(&zone->lock);
	for (size_t i = 0; i < zone->committed_pages; i += (size_t)1 << zone->map[i].order) {
		struct page *page = &zone->map[i];
		enum page_state state = PEEK(page->state);

		slab_assert(state == PAGE_FREE || state == PAGE_TAKEN || state == PAGE_SLAB ||
			    state == PAGE_PURGING || state == PAGE_AWAY);
		if (state != PAGE_PURGING && state != PAGE_AWAY)
			check_run(zone, page, state);
		if (state == PAGE_FREE) {
			free_pages += (size_t)1 << page->order;
			dirty_pages += page->dirty ? (size_t)1 << page->order : 0;
		}
	}
	slab_assert(free_pages == zone->free_pages);
	slab_assert(dirty_pages == zone->dirty_pages);
	lock_drop(&zone->lock);
}

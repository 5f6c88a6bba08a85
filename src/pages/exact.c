/*
 * exact.c: see exact.h.
 */
#include "pages/exact.h"

#include "base/bits.h"
#include "base/check.h"
#include "os/topology.h"

enum { HOLES_MAX = 16 };        /* chosen: how many are looked at */

/* Of the largest run that may begin at @page and has @count pages at most (P1). */
static unsigned largest_order(const struct zone *zone, const struct page *page, size_t count)
{
	unsigned order = log2_down(count);

	while (page_number(zone, page) % ((size_t)1 << order) != 0)
		order--;
	return order;
}

/* Pages [from, to) behind @first. */
static void give_pages(struct zone *zone, struct page *first, size_t from, size_t to, bool dirty)
{
	while (from < to) {
		unsigned order = largest_order(zone, first + from, to - from);

		buddy_give_run(zone, first + from, order, dirty);
		from += (size_t)1 << order;
	}
}

/* [0, count) as runs side by side. */
static void cut(struct zone *zone, struct page *first, size_t count)
{
	size_t done = 0;

	while (done < count) {
		unsigned order = largest_order(zone, first + done, count - done);

		buddy_make_run(zone, first + done, order);
		done += (size_t)1 << order;
	}
	first->active = (uint16_t)count;
}

/* Where the free runs that begin at page @from end, if they reach @to; else 0. */
static size_t free_up_to(const struct zone *zone, const struct page *first, size_t from, size_t to)
{
	while (from < to) {
		if (!buddy_is_free(zone, first + from))
			return 0;
		from += (size_t)1 << first[from].order;
	}
	return from;
}

/*
 * The free runs from page @from behind @first to @end become [0, count) with what is before
 * them; pages behind are free again. Says whether all were clean.
 */
static bool take_pages(struct zone *zone, struct page *first, size_t from, size_t end, size_t count)
{
	bool dirty = false, clean = true;

	for (size_t at = from; at < end; at += (size_t)1 << first[at].order) {
		dirty = first[at].dirty;
		clean = clean && !dirty;
		buddy_take_whole(zone, first + at);
	}
	cut(zone, first, count);
	give_pages(zone, first, count, end, dirty);
	return clean;
}

/*
 * A free run of the power of two below @count, with what is missing free behind it in smaller
 * runs: what a block of that size left, which merges no more since somebody has its tail. Were
 * the next power of two split instead, each such block would leave another hole that is too
 * small for the next.
 */
static struct page *take_hole(struct zone *zone, size_t count, bool *zeroed)
{
	unsigned order = log2_down(count), tries = 0;
	const struct list *holes = &zone->free[order];

	for (struct list *at = holes->next; at != holes && tries < HOLES_MAX; at = at->next, tries++) {
		struct page *first = list_entry(at, struct page, list);
		size_t end = free_up_to(zone, first, 0, count);

		if (end == 0 || end >= (size_t)2 << order)
			continue;
		*zeroed = take_pages(zone, first, 0, end, count);
		return first;
	}
	return NULL;
}

/* The power of two above, less its tail. */
static struct page *take_and_trim(unsigned node, unsigned order, size_t count, bool *zeroed)
{
	struct page *first = pages_alloc_any(node, order, true, zeroed);
	struct zone *zone;

	if (first == NULL)
		return NULL;
	first->active = (uint16_t)count;
	if (count == (size_t)1 << order)
		return first;
	zone = page_zone(first);
	lock_take(&zone->lock);
	cut(zone, first, count);
	give_pages(zone, first, count, (size_t)1 << order, !*zeroed);
	lock_drop(&zone->lock);
	return first;
}

struct page *exact_alloc(unsigned node, size_t count, unsigned align_order, bool *zeroed)
{
	unsigned order = (unsigned)max_size(log2_up(count), align_order);
	struct zone *zone = &zones[node];
	struct page *first = NULL;

	/* Where requests are made to fail they go where that is asked. */
	if (count != (size_t)1 << order && log2_down(count) >= align_order && pages_may_take == NULL) {
		lock_take(&zone->lock);
		first = take_hole(zone, count, zeroed);
		lock_drop(&zone->lock);
	}
	return first != NULL ? first : take_and_trim(node, order, count, zeroed);
}

void exact_shrink(struct page *first, size_t count)
{
	struct zone *zone = page_zone(first);
	size_t before = exact_count(first);

	slab_assert(count != 0 && count <= before);
	if (count == before)
		return;
	lock_take(&zone->lock);
	cut(zone, first, count);
	give_pages(zone, first, count, before, true);
	lock_drop(&zone->lock);
}

/* What is behind a run's last page is the head of the next. */
bool exact_grow(struct page *first, size_t count)
{
	struct zone *zone = page_zone(first);
	size_t before = exact_count(first), end;

	if (unlikely(pages_may_take != NULL) && !pages_may_take((count - before) << PAGE_SHIFT))
		return false;
	lock_take(&zone->lock);
	end = free_up_to(zone, first, before, count);
	if (end != 0)
		(void)take_pages(zone, first, before, end, count);
	lock_drop(&zone->lock);
	return end != 0;
}

void exact_free(struct page *first)
{
	struct zone *zone = page_zone(first);
	size_t count = exact_count(first), done = 0;

	lock_take(&zone->lock);
	while (done < count) {
		struct page *page = first + done;
		unsigned order = page->order;

		slab_assert(page->state == PAGE_TAKEN);
		buddy_give_run(zone, page, order, true);
		done += (size_t)1 << order;
	}
	lock_drop(&zone->lock);
}

/*
 * exact.c: see exact.h.
 */
#include "pages/exact.h"

#include "base/bits.h"
#include "base/check.h"
#include "os/topology.h"

/* Of the largest run that may begin at @page and has @count pages at most (P1). */
static unsigned largest_order(const struct zone *zone, const struct page *page, size_t count)
{
	unsigned order = 63 - (unsigned)__builtin_clzl(count);

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

struct page *exact_alloc(unsigned node, size_t count, unsigned align_order, bool *zeroed)
{
	unsigned order = (unsigned)max_size(log2_up(count), align_order);
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

/* What is behind a run's last page is the head of the next. */
bool exact_grow(struct page *first, size_t count)
{
	struct zone *zone = page_zone(first);
	size_t before = exact_count(first), end;
	bool dirty = false;

	if (unlikely(pages_may_take != NULL) && !pages_may_take((count - before) << PAGE_SHIFT))
		return false;
	lock_take(&zone->lock);
	end = free_up_to(zone, first, before, count);
	for (size_t at = before; at < end; at += (size_t)1 << first[at].order) {
		dirty = first[at].dirty;
		buddy_take_whole(zone, first + at);
	}
	if (end != 0) {
		cut(zone, first, count);
		give_pages(zone, first, count, end, dirty);
	}
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

/*
 * purge.c: long-free pages go back to the OS.
 *
 * A freed run is dirty: it holds memory and old contents. After decay_ms it is given
 * back with madvise and becomes clean: no memory behind it, reads as zero. The wait
 * is what makes a burst's pages cheap to take again.
 *
 * madvise runs outside the lock: a few runs are taken, as an allocation would, purged
 * and given back.
 */
#include "base/check.h"
#include "os/clock.h"
#include "os/ops.h"
#include "os/topology.h"
#include "pages/pages.h"

enum { RUNS_AT_ONCE = 32 };

struct catch {
	struct page *runs[RUNS_AT_ONCE];
	unsigned count;
};

static bool is_due(const struct page *page, uint32_t now_ms, unsigned age_ms)
{
	return page->dirty && now_ms - page->freed_ms >= age_ms;
}

static void catch_due_runs(struct zone *zone, struct catch *catch, unsigned age_ms)
{
	uint32_t now_ms = (uint32_t)clock_ms();

	catch->count = 0;
	for (unsigned order = MAX_ORDER + 1; order-- > 0;) {
		list_for_each_safe(node, &zone->free[order]) {
			struct page *page = list_entry(node, struct page, list);

			if (catch->count == RUNS_AT_ONCE)
				return;
			if (!is_due(page, now_ms, age_ms))
				continue;
			list_remove(&page->list);
			page->state = PAGE_PURGING;
			zone->free_pages -= (size_t)1 << order;
			zone->dirty_pages -= (size_t)1 << order;
			catch->runs[catch->count++] = page;
		}
	}
}

/*
 * The descriptors behind a free head say nothing, and zero says the same: those that
 * fill pages of their own go too. 64 MiB of heap have 1 MiB of them.
 */
static void release_descriptors(struct page *head)
{
	size_t bytes = sizeof(struct page) << head->order;

	if (bytes > PAGE_BYTES)
		os_ops.purge((char *)head + PAGE_BYTES, bytes - PAGE_BYTES);
}

/* Returns the pages that became clean; what the OS refuses stays dirty. */
static size_t release(struct zone *zone, struct catch *catch, bool *refused)
{
	size_t pages = 0;

	for (unsigned i = 0; i < catch->count; i++) {
		struct page *page = catch->runs[i];
		size_t count = (size_t)1 << page->order;

		page->dirty = os_ops.purge(page_address_in(zone, page), count << PAGE_SHIFT) != 0;
		*refused |= page->dirty;
		if (!page->dirty)
			release_descriptors(page);
		pages += page->dirty ? 0 : count;
	}
	return pages;
}

static void give_back(struct zone *zone, struct catch *catch)
{
	lock_take(&zone->lock);
	for (unsigned i = 0; i < catch->count; i++)
		buddy_give(zone, catch->runs[i], catch->runs[i]->order, catch->runs[i]->dirty);
	lock_drop(&zone->lock);
}

static size_t zone_purge(struct zone *zone, unsigned age_ms)
{
	struct catch catch;
	size_t pages = 0;
	bool refused = false;

	do {
		lock_take(&zone->lock);
		catch_due_runs(zone, &catch, age_ms);
		lock_drop(&zone->lock);
		pages += release(zone, &catch, &refused);
		give_back(zone, &catch);
	} while (catch.count == RUNS_AT_ONCE && !refused);
	return pages;
}

size_t pages_purge(unsigned age_ms)
{
	size_t pages = 0;

	for (unsigned node = 0; node < topology.nodes; node++)
		pages += zone_purge(&zones[node], age_ms);
	return pages;
}

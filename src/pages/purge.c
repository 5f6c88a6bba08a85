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
#include "base/counter.h"
#include "os/clock.h"
#include "os/ops.h"
#include "os/topology.h"
#include "pages/pages.h"
#include "pages/source.h"

enum { RUNS_AT_ONCE = 32 };

struct catch {
	struct page *runs[RUNS_AT_ONCE];
	unsigned count;
};

/* A source has its memory behind clean pages too. */
static bool is_due(const struct zone *zone, const struct page *page, uint32_t now_ms,
		   unsigned age_ms)
{
	return (page->dirty || zone->from != NULL) && now_ms - page->freed_ms >= age_ms;
}

/* A source does not take less than its unit. */
static unsigned least_order(const struct zone *zone)
{
	return zone->from != NULL ? zone->from->unit_order : 0;
}

static void catch_due_runs(struct zone *zone, struct catch *catch, unsigned age_ms)
{
	uint32_t now_ms = (uint32_t)clock_ms();

	catch->count = 0;
	if (!source_takes_back(zone))
		return;
	for (unsigned order = MAX_ORDER + 1; order-- > least_order(zone);) {
		list_for_each_safe(node, &zone->free[order]) {
			struct page *page = list_entry(node, struct page, list);

			if (catch->count == RUNS_AT_ONCE)
				return;
			if (!is_due(zone, page, now_ms, age_ms))
				continue;
			list_remove(&page->list);
			PAGE_SET(page, state, PAGE_PURGING);
			zone->free_pages -= (size_t)1 << order;
			zone->dirty_pages -= page->dirty ? (size_t)1 << order : 0;
			catch->runs[catch->count++] = page;
		}
	}
}

/*
 * The descriptors behind a free head say nothing, and zero says the same: those that
 * fill pages of their own go too. 64 MiB of heap have 1 MiB of them.
 */
void release_descriptors(struct page *head)
{
	size_t bytes = sizeof(struct page) << head->order;

	if (bytes > PAGE_BYTES)
		os_ops.purge((char *)head + PAGE_BYTES, bytes - PAGE_BYTES);
}

/* Returns the pages that became clean; what the OS refuses stays dirty. */
static size_t release_to_os(struct zone *zone, struct catch *catch, bool *refused)
{
	size_t pages = 0;

	for (unsigned i = 0; i < catch->count; i++) {
		struct page *page = catch->runs[i];
		size_t count = (size_t)1 << page->order;

		PAGE_SET(page, dirty,
			 os_ops.purge(page_address_in(zone, page), count << PAGE_SHIFT) != 0);
		*refused |= page->dirty;
		if (!page->dirty)
			release_descriptors(page);
		pages += page->dirty ? 0 : count;
	}
	return pages;
}

/* Returns the pages that went; what the source refuses stays in the catch. */
static size_t release_to_source(struct zone *zone, struct catch *catch, bool *refused)
{
	unsigned kept = 0;
	size_t pages = 0;

	for (unsigned i = 0; i < catch->count; i++) {
		struct page *page = catch->runs[i];
		size_t count = (size_t)1 << page->order;

		if (source_release(zone, page)) {
			pages += count;
			continue;
		}
		catch->runs[kept++] = page;
		*refused = true;
	}
	catch->count = kept;
	return pages;
}

static void give_back(struct zone *zone, struct catch *catch)
{
	lock_take(&zone->lock);
	for (unsigned i = 0; i < catch->count; i++)
		buddy_give(zone, catch->runs[i], catch->runs[i]->order, catch->runs[i]->dirty);
	lock_drop(&zone->lock);
}

/* In a fork child nobody brings back what another thread had. */
void pages_purge_forget(void)
{
	for (unsigned number = 0; number < zones_count; number++)
		atomic_store(&zones[number].purgers, 0);
}

/* Chosen: a gigabyte takes the kernel 50 ms. */
bool zone_purge_wait(struct zone *zone)
{
	enum { PATIENCE_MS = 1000 };

	return atomic_load(&zone->purgers) != 0 && await_none(&zone->purgers, PATIENCE_MS);
}

void pages_purge_wait(void)
{
	for (unsigned node = 0; node < topology.nodes; node++)
		zone_purge_wait(&zones[node]);
}

size_t zone_purge(struct zone *zone, unsigned age_ms)
{
	struct catch catch;
	size_t pages = 0;
	bool refused = false, more = true;

	atomic_fetch_add(&zone->purgers, 1);
	while (more && !refused) {
		lock_take(&zone->lock);
		catch_due_runs(zone, &catch, age_ms);
		lock_drop(&zone->lock);
		more = catch.count == RUNS_AT_ONCE;
		pages += zone->from != NULL ? release_to_source(zone, &catch, &refused) :
			 release_to_os(zone, &catch, &refused);
		give_back(zone, &catch);
	}
	leave_counted(&zone->purgers);
	return pages;
}

size_t pages_purge(unsigned age_ms)
{
	size_t pages = 0;

	for (unsigned number = 0; number < zones_count; number++)
		pages += zone_purge(&zones[number], age_ms);
	return pages;
}

/*
 * zone.h: one node's pages.
 *
 *   base                      committed_end                       reserved_end
 *    |  runs of 2^order pages  |  addresses only, no memory         |
 *    +-------------------------+------------------------------------+
 *    map[0], map[1], ...       one descriptor a page, in a range of its own
 *
 * Lock order: zone locks are the last but the locked back-end's; two are never held.
 */
#ifndef PAGES_ZONE_H
#define PAGES_ZONE_H

#include "os/lock.h"
#include "pages/page.h"

enum {
	MAX_ORDER = 10,                                 /* 4 MiB, as in the kernel */
	RUN_PAGES_MAX = 1 << MAX_ORDER,
};

struct zone {
	struct lock lock;
	struct list free[MAX_ORDER + 1];
	size_t free_pages;
	size_t dirty_pages;             /* free, but not yet given back to the OS */
	_Atomic size_t committed_pages; /* written under the lock, read by zone_of */

	/* Set at boot, then read without the lock. */
	char *base;
	struct page *map;
	void *range;                    /* what was reserved: both, and what aligning cost */
	size_t range_bytes;
	size_t reserved_pages;
	unsigned node;
};

extern struct zone zones[];

static inline size_t page_number(const struct zone *zone, const struct page *page)
{
	return (size_t)(page - zone->map);
}

static inline void *page_address_in(const struct zone *zone, const struct page *page)
{
	return zone->base + (page_number(zone, page) << PAGE_SHIFT);
}

/* reserve.c: address space for every node, and more committed pages for one. */
int zones_reserve(void);
bool zone_commit_more(struct zone *zone);

/* buddy.c, all under the zone's lock. */
struct page *buddy_take(struct zone *zone, unsigned order, bool *zeroed);
void buddy_give(struct zone *zone, struct page *page, unsigned order, bool dirty);
void zone_check(struct zone *zone);

#endif

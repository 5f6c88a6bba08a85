/*
 * pages.h: whole pages, by order and node.
 */
#ifndef PAGES_PAGES_H
#define PAGES_PAGES_H

#include "pages/zone.h"

/* Reserve address space for every node. Returns 0 or -ENOMEM. */
int pages_init(void);

/*
 * 2^order pages of @zone; else as the next.
 */
struct page *zone_take(struct zone *zone, unsigned order, bool may_block, bool *zeroed);

/*
 * 2^order pages of @node, or NULL. Strict: no other node is asked. @may_block false:
 * no waiting for a lock and no system call. *zeroed (may be NULL) tells that the
 * pages read as zero.
 */
struct page *pages_alloc(unsigned node, unsigned order, bool may_block, bool *zeroed);

/* Fault injection: asked before each run is taken, unless NULL; false refuses it. */
extern bool (*pages_may_take)(size_t bytes);

/* The same from @node or else any other, in ring order. */
struct page *pages_alloc_any(unsigned node, unsigned order, bool may_block, bool *zeroed);

void pages_free(struct page *page);
bool pages_free_at_once(struct page *page);     /* false: somebody holds the lock */

/*
 * Give free pages that have been so for @age_ms back to the OS; 0: all at once.
 * Returns how many pages went. Makes system calls, outside of all locks.
 */
size_t pages_purge(unsigned age_ms);
size_t zone_purge(struct zone *zone, unsigned age_ms);

/*
 * Until no other thread has runs in its hands to purge them, or for a second. True: some had,
 * and they are back. Of all nodes; and in a fork child nobody has any.
 */
bool zone_purge_wait(struct zone *zone);
void pages_purge_wait(void);
void pages_purge_forget(void);

/* What a purge could give back; then, of the nodes' zones, all and the free ones. */
size_t pages_dirty(void);

size_t pages_committed(void);
size_t pages_free_count(void);

static inline size_t pages_in_use(void)
{
	size_t free_pages = pages_free_count();         /* first: more may be committed meanwhile */

	return pages_committed() - free_pages;
}

/* Which zone an address is in; NULL for a stranger. Nearly always the first. */
struct zone *zone_search(const void *address);

static inline struct zone *zone_of(const void *address)
{
	size_t pages = zones[0].committed_pages;

	if (likely((size_t)((const char *)address - zones[0].base) >> PAGE_SHIFT < pages))
		return &zones[0];
	return zone_search(address);
}

/* The node whose memory fills a window alone, or -1. */
int window_node(unsigned window);

/* The head descriptor of the run that @address is in; NULL outside all runs. */
static inline struct page *virt_to_head_page(const void *address)
{
	struct zone *zone = zone_of(address);
	struct page *page;

	if (unlikely(zone == NULL))
		return NULL;
	page = &zone->map[(size_t)((const char *)address - zone->base) >> PAGE_SHIFT];
	return page->state == PAGE_TAIL ? page - page->head_distance : page;
}

static inline void *page_address(const struct page *page)
{
	return page_address_in(page_zone(page), page);
}

#endif

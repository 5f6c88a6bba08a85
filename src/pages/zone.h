/*
 * zone.h: one node's pages, or one source's (source.h).
 *
 *   base                      committed_end                       reserved_end
 *    |  runs of 2^order pages  |  addresses only, no memory         |
 *    +-------------------------+------------------------------------+
 *    map[0], map[1], ...       one descriptor a page, in a range of its own
 *    classes[0], ...           one byte a page: which of malloc's classes it belongs to
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
	ZONE_GRAIN_SHIFT = 4,
	SOURCES_MAX = 32,                               /* chosen: more than a program has */
	ZONES_MAX = 64 + SOURCES_MAX,
};

struct zone_source;

struct zone {
	struct lock lock;
	struct list free[MAX_ORDER + 1];
	size_t free_pages;
	size_t dirty_pages;             /* free, but not yet given back to the OS */

	/* What every kfree reads: on lines that taking and giving pages does not write. */
	alignas(CACHE_LINE_BYTES)
	_Atomic size_t committed_pages; /* written under the lock, rarely; read by zone_of */
	_Atomic size_t committed_grains;        /* the same in grains of 16 bytes, for free() */

	/* Set at boot, then read without the lock. */
	char *base;
	struct page *map;
	uint16_t **owners;              /* by page: who pays for a slab's objects (account/owners.h);
					   NULL until somebody asks */
	uint8_t *classes;               /* what free() goes by: a byte is all it reads; 0: none */
	uintptr_t class_bias;           /* classes, less first_page: page_class_at */
	uintptr_t first_page;           /* base's, counted from address 0 */
	void *range;                    /* what was reserved: both, and what aligning cost */
	size_t range_bytes;
	size_t reserved_pages;
	unsigned node;                  /* whose memory it is */
	bool emergency;                 /* the reserve: node/emergency.h */
	_Atomic unsigned purgers;       /* who has runs off the lists meanwhile: purge.c */
	struct zone_source *from;       /* NULL: the node's own, from the OS */
};

/* The nodes' by number, then sources'. Those in use are the first zones_count. */
extern OURS struct zone zones[];
extern OURS _Atomic unsigned zones_count;

static inline uint8_t zone_number(const struct zone *zone)
{
	return (uint8_t)(zone - zones);
}

static inline struct zone *page_zone(const struct page *page)
{
	return &zones[page->zone];
}

static inline unsigned page_node(const struct page *page)
{
	return page_zone(page)->node;
}

static inline size_t page_number(const struct zone *zone, const struct page *page)
{
	return (size_t)(page - zone->map);
}

static inline void *page_address_in(const struct zone *zone, const struct page *page)
{
	return zone->base + (page_number(zone, page) << PAGE_SHIFT);
}

static inline size_t zone_owners_bytes(const struct zone *zone)
{
	return zone->reserved_pages * sizeof(*zone->owners);
}

/* reserve.c: address space for every node, and more committed pages for one. */
int zones_reserve(void);
bool zone_commit_more(struct zone *zone);

/* Addresses go back to the OS, all but @spare_pages above what is committed. For good. */
void zone_give_back_reserve(struct zone *zone, size_t spare_pages);

/* Addresses in windows that no node's heap is in. 0 or -ENOMEM. */
int apart_range(size_t bytes, void **out);

static inline void set_classes(struct zone *zone, uint8_t *classes)
{
	zone->classes = classes;
	zone->first_page = (uintptr_t)zone->base >> PAGE_SHIFT;
	zone->class_bias = (uintptr_t)classes - zone->first_page;
}

/*
 * The byte of the page that @object is in, which must be the zone's. By the address itself: who pops
 * what was freed just now waits for this load, and would for a subtraction before it.
 */
static inline uint8_t page_class_at(const struct zone *zone, const void *object)
{
	return *(const uint8_t *)(zone->class_bias + ((uintptr_t)object >> PAGE_SHIFT));
}

/*
 * The byte of each page of a run, when it becomes a class's and when it ceases to be. Others read
 * their pages' meanwhile. No memset: ThreadSanitizer sees that, but not our locks.
 */
static inline void set_page_class(const struct zone *zone, const struct page *head,
				  size_t pages, uint8_t page_class)
{
	uint8_t *class = &zone->classes[page_number(zone, head)];

	for (size_t i = 0; i < pages; i++)
		__atomic_store_n(&class[i], page_class, __ATOMIC_RELAXED);
}

/* limit.c: address space that RLIMIT_AS leaves, SIZE_MAX without a limit. */
size_t limit_left(void);

/*
 * A limit was set just now: what is reserved and not committed shrinks to half of what the
 * limit leaves for it and the program's stacks and libraries.
 */
void pages_fit_limit(void);

/* Whether a limit set since allows @bytes more of what was reserved before. */
bool limit_allows(size_t bytes);

/* purge.c: of a free run that is off the lists. */
void release_descriptors(struct page *head);

/* buddy.c, all under the zone's lock. */
struct page *buddy_take(struct zone *zone, unsigned order, bool *zeroed);
void buddy_give(struct zone *zone, struct page *page, unsigned order, bool dirty);
/* One TAKEN run of the aligned 2^order pages at @head, tails and all; and it comes back. */
void buddy_make_run(struct zone *zone, struct page *head, unsigned order);
void buddy_give_run(struct zone *zone, struct page *head, unsigned order, bool dirty);
bool buddy_is_free(const struct zone *zone, const struct page *page);   /* a free run's head */
void buddy_take_whole(struct zone *zone, struct page *page);            /* such a run */
void zone_check(struct zone *zone);

#endif

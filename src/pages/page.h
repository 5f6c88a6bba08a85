/*
 * page.h: the descriptor of one page, 64 bytes, in an array beside each zone.
 *
 * A run of 2^order pages is described by its first page, the head; the others are
 * tails that say how far behind the head they stand.
 *
 *              split, merge
 *                 |    ^
 *                 v    |
 *     (beyond   +--------+  pages_alloc   +-------+  slab_grow  +--------+
 *      committed)| FREE  | -------------> | TAKEN | ----------> |  SLAB  |
 *        ----->  +--------+ <------------ +-------+ <---------- +--------+
 *        commit     |  ^     pages_free            slab_release
 *                   v  | purge: dirty -> clean
 *
 * Invariants (zone_check walks them):
 *   P1  every committed page belongs to exactly one run, and runs are aligned to
 *       their size.
 *   P2  a FREE head is on the zone's free list of its order; no two free buddies of
 *       one order stand beside each other (below the largest order).
 *   P3  a tail's head is before it, within the largest order, and is no tail.
 *   P4  a clean free run reads as zero.
 */
#ifndef PAGES_PAGE_H
#define PAGES_PAGE_H

#include "base/list.h"

enum page_state {
	PAGE_NO_HEAD = 0,       /* not committed yet (descriptors start as zero), or
				   somewhere behind the head of a free run */
	PAGE_FREE,
	PAGE_TAKEN,
	PAGE_SLAB,
	PAGE_TAIL,
	PAGE_PURGING,           /* a free run that is off the lists while the OS clears it */
	PAGE_AWAY,              /* of a source, which has its memory (source.h) */
};

struct slab_layout;

struct page {
	struct list list;               /* FREE: the zone's; SLAB: the node's */
	struct slab_layout *layout;     /* SLAB: whose objects these are */
	union {
		struct {
			uint8_t *freelist;              /* SLAB: indices; [active..num) are free */
			uint32_t serial;                /* SLAB: which slab of its cache, by birth */
			union {
				uint32_t head_distance; /* TAIL: pages back to the head */
				uint32_t freed_ms;      /* FREE: when, low bits of clock_ms */
			};
		};
		uint64_t free_map[4];   /* SLAB, FREELIST_MAP: a bit for each free object */
		uint64_t type;          /* TAKEN, waiting for a slab of its type: slab/apart.c */
	};
	uint16_t active;                /* SLAB: objects taken, array caches' included */
	uint16_t colour;                /* SLAB: the number of its colour */
	uint8_t state;
	uint8_t order;                  /* heads only */
	uint8_t zone;                   /* whose page it is: its number in zones[] */
	union {
		bool dirty;             /* FREE: may hold old contents and memory */
		uint8_t stirred;        /* SLAB, FREELIST_MAP: not at rest yet (slab/holes.h) */
	};
};

/*
 * A descriptor's owner writes state, order, layout, dirty and stirred, while a neighbour asks
 * whether the page is FREE and cache/holes.c whether it is a SLAB worth a look: no lock.
 */
#define PAGE_SET(page, field, value) \
	__atomic_store_n(&(page)->field, value, __ATOMIC_RELAXED)

static_assert(sizeof(struct page) == CACHE_LINE_BYTES, "a descriptor is one cache line");

#endif

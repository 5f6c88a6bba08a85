/*
 * source.h: zones whose memory the application brings (include/ukmem/source.h).
 *
 * All of such a zone has descriptors from the start, and counts as committed: what a
 * node's zone commits step by step comes and goes here run by run.
 *
 *           source_more: source->alloc
 *      +------+ ------------> +------+  as in every zone
 *      | AWAY |               | FREE | <----> TAKEN
 *      +------+ <------------ +------+
 *        purge: source->free
 *
 * Invariants, besides those of page.h:
 *   Z1  an AWAY run is on away[its order] and has no memory; away_pages counts them.
 *   Z2  memory comes and goes in runs of unit_order or more, so an AWAY run is that
 *       large at least.
 *
 * The callbacks run without locks: the run is PURGING meanwhile.
 */
#ifndef PAGES_SOURCE_H
#define PAGES_SOURCE_H

#include <ukmem/source.h>

#include "pages/zone.h"

struct zone_source {
	struct kmem_source *source;
	struct list away[MAX_ORDER + 1];
	size_t away_pages;
	unsigned unit_order;
	unsigned caches;                /* made with it; under the registry lock */
	bool closed;                    /* in a fork child, of memory that its parent owns */
};

/* A zone for @source, whose properties are in order. 0, -ENOSPC, -EINVAL or -ENOMEM. */
int source_begin(struct kmem_source *source);

/* All memory is with @source (purge before, without locks). 0 or -EBUSY. */
int source_end(struct kmem_source *source);

/*
 * Bring a run of 2^@order pages, or what there is, from away. False when nothing is away
 * or the source refuses.
 */
bool source_more(struct zone *zone, unsigned order);

/* Give a PURGING run back to the source; false, with the run as it was, when it refuses. */
bool source_release(struct zone *zone, struct page *run);

/* Free pages that the next purge may give back to the source. */
size_t source_idle_pages(struct zone *zone);

/* In a fork child: what the parent owns is out of reach. */
void source_abandon(struct zone *zone);

/* The zone is another process's now: no page of it may be given or taken. */
static inline bool zone_is_closed(const struct zone *zone)
{
	return zone->from != NULL && zone->from->closed;
}

/* A node's pages always go back. Under the zone's lock: a source may be at its end. */
static inline bool source_takes_back(const struct zone *zone)
{
	return zone->from == NULL || (zone->from->source != NULL && zone->from->source->free != NULL);
}

#endif

/*
 * reach.h: which objects a program still has a pointer to.
 *
 * All objects that are neither free nor waiting in an array nor in quarantine, and runs
 * of pages that were taken, are blocks of equal parts. A word anywhere in a part is a
 * reference to it. What is reached is read in its turn; descriptors, arrays and other
 * memory of the allocator's own is not, so what it remembers of objects does not count.
 */
#ifndef INSPECT_REACH_H
#define INSPECT_REACH_H

#include "owners.h"
#include "roots.h"

/* One slab, or one run of pages, which has a single object. */
struct block {
	uint64_t start, end;           /* of the objects */
	uint64_t slab, first;          /* its address; the number of its first object */
	const struct cache_view *cache;        /* NULL: pages */
	uint64_t size, object_size;    /* from one to the next, and what is the program's */
	uint64_t freelist;             /* of a slab; 0: none */
};

enum object_mark { MARK_NONE, MARK_LOST, MARK_REACHED };

struct reach {
	struct target *target;
	struct block *block;           /* by start */
	size_t count;
	uint8_t *mark;                 /* of each object */
	uint64_t objects, live;
	uint64_t *queue;               /* addresses of what is reached but not yet read */
	uint64_t queued;
	unsigned damaged;              /* slabs that contradict themselves */
};

/* False when out of memory. */
bool reach_collect(struct reach *reach, struct target *target, const struct snapshot *snapshot);
void reach_free(struct reach *reach);

/* From all roots, and on through what they reach. */
void reach_from(struct reach *reach, const struct roots *roots, const struct snapshot *snapshot);

#endif

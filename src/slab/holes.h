/*
 * holes.h: pages inside a used slab that no taken object lies in.
 *
 *      page 0         page 1         page 2         page 3
 *      +----+----+----+----+----+----+----+----+----+----+----+----+
 *      | T  |    |    |    |    |    |    | T  |    |    |    |    |
 *      +----+----+----+----+----+----+----+----+----+----+----+----+
 *                     ^ a hole                      ^ a hole
 *
 * Only with a map, which lies outside of the slab: nothing is read in a free object, so
 * its memory may go and come back as zero. Objects that constructors or late readers
 * count on stay as they are.
 */
#ifndef SLAB_HOLES_H
#define SLAB_HOLES_H

#include "slab/slab.h"

enum { HOLE_ORDER_MAX = 4 };

/* Free objects that are taken while the memory behind them goes. */
struct held {
	uint64_t map[4];
	unsigned count;
};

bool layout_may_have_holes(const struct slab_layout *layout);

/* A bit for each page without a taken object. Under the node's lock, like all here. */
unsigned slab_holes(const struct slab_layout *layout, const struct page *slab);

/* Take the free objects that lie in @pages, even with a part. */
void holes_hold(const struct slab_layout *layout, struct page *slab, unsigned pages,
		struct held *held);

/* Give them back; it is no use of the slab. */
void holes_let_go(struct page *slab, const struct held *held);

#endif

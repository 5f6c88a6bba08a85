/*
 * owners.h: which group each object of a slab is charged to.
 *
 * A slab gets a vector when the first of its objects is charged, and keeps it until its
 * pages go. The vector is the allocator's own memory, outside the objects:
 *
 *     zone->owners[page] --> [ 0 | 3 | 3 | 0 | 17 | ... ]   a group's number, 0: nobody's
 *
 * Invariant:
 *   O1  an entry is not 0 only while its object is out, and written by its holder only.
 */
#ifndef ACCOUNT_OWNERS_H
#define ACCOUNT_OWNERS_H

#include "node/meta.h"

/*
 * @object of @slab, which the caller holds, is charged to group @number. False when the
 * slab has no vector and none is to be had.
 */
bool owner_set(const struct page *slab, const void *object, uint16_t number, bool may_block);

/* Forget it. Returns the number it was, 0 for nobody. */
uint16_t owner_take(const struct page *slab, const void *object);

/* The vector, NULL if there is none. Only while an object of the slab is known to be out. */
uint16_t *owners_of(const struct page *slab);

/* Tables for the nodes; slabs that go take their vector with them. 0 or -ENOMEM. */
int owners_init(void);

#endif

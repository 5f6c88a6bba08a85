/*
 * guard.h: a few objects on pages of their own, in production (sample:on).
 *
 *      | guard | page 0 | guard | page 1 | guard | ...        all of it without access,
 *                                                             but pages of live objects
 *
 * Once in so many misses an allocation is served from here. Running over the end (or the
 * start: sides are taken in turn) of such an object, or touching it once it is freed, is
 * a fault, which is reported with both stacks as it happens. Hits don't know of this:
 * the pool lies in a window of addresses that no array accepts, so frees leave by the door.
 *
 * As KFENCE and GWP-ASan do. Never: objects above a page, of caches that RCU readers use,
 * in signal handlers.
 */
#ifndef DEBUG_GUARD_H
#define DEBUG_GUARD_H

#include "os/lock.h"
#include "slab/layout.h"

/* The pool and the handler of faults. After pages_init; does nothing unless asked for. */
void guard_init(void);

extern char *guard_base;                /* NULL: no pool */
extern size_t guard_bytes;

/* Is it this one's turn? False in no time without a pool. */
static inline bool guard_is_due(void);

/* An object of @layout, cleared or constructed, or NULL: none free, or too large. */
void *guard_alloc(const struct slab_layout *layout, size_t size, const void *caller);

static inline bool guard_owns(const void *address)
{
	return guard_base != NULL && (size_t)((const char *)address - guard_base) < guard_bytes;
}

/* @layout is that of the cache it is freed into; NULL: kfree, any. */
void guard_free(const struct slab_layout *layout, void *object, const void *caller);

size_t guard_usable(const void *object);

/* How many of @layout's objects are out. */
size_t guard_objects(const struct slab_layout *layout);

/* Across fork. */
extern struct lock guard_lock;

bool guard_turn(void);

static inline bool guard_is_due(void)
{
	return unlikely(guard_base != NULL) && guard_turn();
}

#endif

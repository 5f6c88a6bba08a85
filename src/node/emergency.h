/*
 * emergency.h: the reserve's slabs (include/ukmem/reserve.h).
 *
 * The reserve is a zone of its own, in a window of addresses where no array takes objects
 * (arch/array_cache.h). So the address alone tells: a hit never pushes such an object, it
 * leaves by the door and goes straight to its slab; and no array, shared array or list of
 * a node ever holds one. All its slabs, of all caches, are on one list: it is short.
 *
 * Invariants:
 *   E1  a slab on the list has an object out.
 *   E2  an object of the reserve is in no array.
 */
#ifndef NODE_EMERGENCY_H
#define NODE_EMERGENCY_H

#include "node/node.h"

/* Set @pages aside; 0 or an error, with none. And give them all back; 0 or -EBUSY. */
int emergency_begin(size_t pages);
int emergency_end(void);

/* One object for a caller with __GFP_MEMALLOC; NULL: the reserve can't either. */
void *emergency_alloc(struct slab_layout *layout, bool may_block);
void emergency_free(void *object);

/* How many of @layout's objects are out; free pages. */
size_t emergency_objects(const struct slab_layout *layout);
size_t emergency_free_pages(void);

extern struct lock emergency_lock;

/* The bytes are set last, and read first. */
extern const char *emergency_base;
extern size_t emergency_bytes;          /* 0: there is none */

static inline bool emergency_exists(void)
{
	return __atomic_load_n(&emergency_bytes, __ATOMIC_ACQUIRE) != 0;
}

static inline bool emergency_owns(const void *object)
{
	size_t bytes = __atomic_load_n(&emergency_bytes, __ATOMIC_ACQUIRE);

	return unlikely((size_t)((const char *)object - emergency_base) < bytes);
}

#endif

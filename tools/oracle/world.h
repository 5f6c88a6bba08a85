/*
 * world.h: one cache, the objects out of it, and the CPU we are on: operations are
 * performed on it by the library's own functions.
 */
#ifndef ORACLE_WORLD_H
#define ORACLE_WORLD_H

#include <stddef.h>

#include "op.h"
#include "watch.h"

struct held_object {
	void *address;          /* NULL: freed */
	unsigned serial, index; /* its slab, and its place there */
};

struct world {
	struct kmem_cache *cache;       /* NULL before create and after destroy */
	struct held_object *object;     /* by id */
	size_t objects, room, held;
	unsigned cpu;
	unsigned alien_home;            /* whose alien cache the next reap drains */
	struct watch watch;

	/* What the last operation came to. */
	unsigned long step;
	long result;
	long id;                        /* of the object it took, or -1 */
	struct text arguments;          /* of the operation, objects with their places */
	struct text events;
};

void world_init(struct world *world);

/* Free what is still out, destroy the cache, switch all CPUs on. */
void world_end(struct world *world);

/* Perform @op, as said in a row. False when it makes no sense here (no such id). */
bool world_perform(struct world *world, const struct op *op);

/* Switch a CPU; no effect when it is so already. Returns the library's answer. */
int world_set_online(unsigned cpu, bool online);

/* Where an object lies: "slab.index". */
void print_place(struct text *out, struct kmem_cache *cache, const void *object);

#endif

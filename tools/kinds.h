/*
 * kinds.h: what each entry of a trace allocates, in the two allocators compared.
 *
 * object_take and object_give are inlined with the allocator a constant, so that a
 * replay's loop is compiled once for each and neither pays for the choice.
 */
#ifndef TOOLS_KINDS_H
#define TOOLS_KINDS_H

#include <stdlib.h>
#include <ukmem/slab.h>

#include "trace.h"

struct kind {
	struct kmem_cache *cache;    /* NULL: kmalloc */
	uint32_t bytes;
	bool is_owner;               /* this entry created the cache; others of its name share it */
};

struct kinds {
	struct kind *kind;           /* by entry */
	uint32_t count;
};

enum allocator { ALLOCATOR_UKMEM, ALLOCATOR_MALLOC, ALLOCATORS };

extern const char *const allocator_name[ALLOCATORS];

/* Returns false after one line on stderr; free it in both cases. */
bool kinds_create(struct kinds *kinds, const struct trace *trace);
void kinds_shrink(const struct kinds *kinds);
void kinds_destroy(struct kinds *kinds);

static inline __attribute__((always_inline)) void *
object_take(enum allocator allocator, const struct kind *kind)
{
	if (allocator == ALLOCATOR_MALLOC)
		return malloc(kind->bytes);
	if (kind->cache != NULL)
		return kmem_cache_alloc(kind->cache, GFP_KERNEL);
	return kmalloc(kind->bytes, GFP_KERNEL);
}

static inline __attribute__((always_inline)) void
object_give(enum allocator allocator, const struct kind *kind, void *object)
{
	if (allocator == ALLOCATOR_MALLOC)
		free(object);
	else if (kind->cache != NULL)
		kmem_cache_free(kind->cache, object);
	else
		kfree(object);
}

#endif

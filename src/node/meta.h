/*
 * meta.h: what the allocator allocates for itself.
 *
 * Arrays, node structures and the caches themselves are objects too, in caches with
 * slabs and lists like any other but without per-CPU arrays: each call takes the
 * node's lock. They are few, rare, and there must be something that works before the
 * first array exists. This is how the allocator allocates itself: no other cache is
 * needed to make these, and all others are made from them.
 *
 * Their memory is never the application's: a type of its own, in slabs of its own.
 */
#ifndef NODE_META_H
#define NODE_META_H

#include "node/node.h"

/* What the floor above keeps there: account/group.h, account/owners.h. */
enum { GROUP_BYTES = 256, OWNERS_BYTES = 128 };

struct meta_cache {
	char name[24];                  /* in place: a core has no read-only pages */
	struct slab_layout layout;
	struct kmem_cache_node *nodes[64];
};

/*
 * Arrays, by size in bytes. Odd numbers of cache lines: so the headers of arrays,
 * which every hit touches, spread over all sets of the first-level cache instead of
 * meeting in the few that a power of two would give (a pair costs 13 ns instead of 2
 * when two hot lines agree in bits 6 to 11).
 */
enum { ARRAY_CLASSES = 7, ARRAY_CLASS_PAGES = ARRAY_CLASSES };

enum meta_kind {
	META_KMEM_CACHE = ARRAY_CLASSES,
	META_NODE,
	META_ALIEN,
	META_GROUP,
	META_OWNERS,                    /* of a slab of up to 64 objects */
	META_OWNERS_MANY,
	META_KINDS
};

extern struct meta_cache meta_caches[META_KINDS];

/* @cache_bytes: of a struct kmem_cache with all its slots. 0 or -E2BIG. */
int meta_init(size_t cache_bytes);

/* NULL with nothing logged when refused. Contents are not defined. */
void *meta_alloc(enum meta_kind kind, unsigned node, bool may_block);
void meta_free(enum meta_kind kind, void *object);

/* The same without releasing a slab, by a caller that may not block. */
void meta_keep(enum meta_kind kind, void *object);

/* Give free slabs of all meta caches back. */
void meta_shrink(void);

/* An array for @limit objects of @node. */
struct array_cache *array_new(unsigned limit, unsigned batchcount, unsigned node,
			      bool may_block);
void array_delete(struct array_cache *array);

/* @array gives objects and takes none: each free is a miss. */
void array_refuse_frees(struct array_cache *array);

/*
 * @array is for objects of @zone, a source's, wherever that lies. Not for those of the
 * first window: NULL is one of its addresses, so frees there take the slow road.
 */
void array_serve(struct array_cache *array, const struct zone *zone);

#endif

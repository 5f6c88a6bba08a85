/*
 * layout.h: how the objects of a cache lie in a slab. Arithmetic; touches no memory.
 *
 *      page 0                                                   2^gfporder pages
 *      +--------+----------+----------+--- ... ---+----------+---+------------+
 *      | colour | object 0 | object 1 |           | num - 1  |   | free list? |
 *      +--------+----------+----------+--- ... ---+----------+---+------------+
 *               ^ s_mem    <- size ->                         left over
 *
 * The free list is num bytes: in a free object (OBJ), in an object of a kmalloc cache
 * (OFF), or at the end of the slab (ON). Those are the kernel's three. The fast profile
 * has a fourth for slabs of up to 256 objects: a bitmap in the descriptor (MAP), so that
 * a free touches no page of the slab (docs/decisions/0006).
 *
 * A cache with checks (debug/) has a table before its objects and zones between them:
 *
 *      | table | free list | colour | zone | object 0 | zone | object 1 | zone | ...
 *      <-------- lead ------------->       s_mem
 *
 * Invariants (layout_check):
 *   L1  1 <= num <= 255, so that an index fits a byte; with a map 256.
 *   L2  lead, colour bytes, objects and an on-slab list fit in the slab.
 *   L3  size is a multiple of align, and colour_off of align too: every object is
 *       aligned.
 *   L4  with OBJ the list fits in one object.
 */
#ifndef SLAB_LAYOUT_H
#define SLAB_LAYOUT_H

#include "base/compiler.h"
#include "slab/reciprocal.h"

/* Which objects of a cache are charged to the group of the thread that allocates. */
enum accounting { ACCOUNT_NONE, ACCOUNT_ASKED /* with __GFP_ACCOUNT */, ACCOUNT_ALL };

enum freelist_placement { FREELIST_OBJ, FREELIST_OFF, FREELIST_ON, FREELIST_MAP };

enum {
	SLAB_OBJECTS_MAX = 255,         /* the kernel's: an index is a byte */
	SLAB_MAP_MAX = 256,             /* bits in a descriptor */
	SLAB_ORDER_MAX = 10,            /* KMALLOC_MAX_ORDER */
	OBJECT_SIZE_MIN = 16,           /* a page / 255, rounded up to a power of two */
};

/*
 * Where off-slab free lists come from: the kmalloc caches, floors above us. take and
 * give are filled in by cache/create.c; size_of says how large the object that holds
 * a list of that many bytes would be, 0 if there is none that may be used.
 */
struct slab_source {
	size_t (*size_of)(size_t bytes);
	void *(*take)(size_t bytes, unsigned node, bool may_block, bool emergency);
	void (*give)(void *list);
};

struct slab_hooks;
struct zone;

struct slab_layout {
	unsigned object_size;           /* what the creator asked for */
	unsigned size;                  /* from one object to the next */
	unsigned align;
	unsigned num;                   /* objects in a slab */
	unsigned gfporder;
	unsigned colour;                /* how many different colours */
	unsigned colour_off;            /* bytes from one to the next */
	unsigned freelist_size;         /* bytes */
	unsigned freelist_cache_size;   /* OFF: the size of what holds it */
	enum freelist_placement placement;
	struct reciprocal reciprocal_buffer_size;
	uint32_t per_byte;              /* MAP: 2^32 / size, rounded up */
	void (*ctor)(void *object);
	const struct slab_source *source;
	struct zone *zone;              /* of a page source; NULL: pages of the nodes */
	enum accounting accounting;     /* if any, the cache has hooks, hence no arrays */
	bool lazy_lists;                /* fast profile: node/node.h, N1 */
	uint8_t page_class;             /* malloc's number for this cache's pages, or 0 */
	uint8_t *random_order;          /* a permutation of the indices, or NULL */
	bool shuffled;                  /* batches leave in random order */
	unsigned list_offset;           /* ON: where in the slab the list is */
	unsigned lead;                  /* bytes before the first colour: the table's */
	unsigned checks;                /* debug flags in force */
	const struct slab_hooks *hooks; /* NULL: a plain cache (slab/hooks.h) */
	const char *name;               /* of the cache, for reports */
	uint64_t type;                  /* its memory is never another's; 0: it may be */
	uint64_t seal;                  /* hardening:strict (debug/strict.h); 0: not so */
	bool clears;                    /* strict: free objects are zero */
	bool internal;                  /* the allocator's own: no kmem_cache is around it */
	bool late_readers;              /* SLAB_TYPESAFE_BY_RCU: freed objects are read */
	uint16_t record_number;         /* of the cache, in a recording (debug/record.h) */
	uint32_t serial_next;           /* slabs grown so far; atomic access */
};

/* What a layout is made from. */
struct layout_request {
	unsigned size, align;
	bool hwcache_align, dma, reclaimable, no_obj_list, no_off_slab;
	bool fast;                      /* the fast profile: map where it fits, lazy lists */
	unsigned entry_bytes;           /* checks: of an object in the table; 0: plain */
	unsigned zone_bytes;            /* checks: between two objects, at least */
	unsigned max_order;
	void (*ctor)(void *object);
	const struct slab_source *source;
};

/* SLAB_HWCACHE_ALIGN asks for a line, or the part of it that two objects need. */
unsigned calculate_alignment(bool hwcache_align, unsigned align, unsigned size);

/*
 * From one object to the next. Objects that are a multiple of half a page apart all begin in
 * one or two of a first-level cache's 64 sets, and fight for its ways: in the fast profile
 * such objects, up to two pages, lie a cache line further apart (docs/decisions/0014).
 */
unsigned calculate_stride(unsigned size, unsigned align, bool fast);

/* So far apart are objects of a page at most. */
#define PAGE_STRIDE_MAX (PAGE_BYTES + CACHE_LINE_BYTES)

/* Returns 0, or -E2BIG when no order can hold even one object with its list. */
int layout_init(struct slab_layout *layout, const struct layout_request *request);

void layout_check(const struct slab_layout *layout);

/* The largest order a slab should have: 1, or 0 on machines of 32 MiB and less. */
unsigned layout_default_max_order(size_t memory_bytes);

/* A merge may make it larger while others allocate: who came before knows of no more. */
static inline unsigned object_size_of(const struct slab_layout *layout)
{
	return __atomic_load_n(&layout->object_size, __ATOMIC_RELAXED);
}

static inline size_t slab_bytes(const struct slab_layout *layout)
{
	return (size_t)4096 << layout->gfporder;
}

#endif

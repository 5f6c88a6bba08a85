/*
 * cache_columns.c: see cache_columns.h.
 */
#include "cache_columns.h"

#include "cache/cache.h"
#include "slab/slab.h"

unsigned long ctor_calls;

void count_ctor_call(void *object UNUSED)
{
	ctor_calls++;
}

/* What that kernel writes into the batchcount of arrays that have no use for one. */
#define BATCH_MARKER "0xbaadf00d"

/* Its internal bits for the two placements that are not the slab's end. */
enum { BIT_OBJ_LIST = 1u << 30 };
#define BIT_OFF_SLAB (1u << 31)

#define VISIBLE_FLAGS (SLAB_HWCACHE_ALIGN | SLAB_CACHE_DMA | SLAB_CACHE_DMA32 |         \
		       SLAB_RECLAIM_ACCOUNT | SLAB_PANIC | SLAB_TYPESAFE_BY_RCU |       \
		       SLAB_MEM_SPREAD | SLAB_NOLEAKTRACE)

const uint32_t flag_bits_compared = VISIBLE_FLAGS | BIT_OBJ_LIST | BIT_OFF_SLAB;

static struct kmem_cache *cache_of(const void *subject)
{
	return ((const struct made *)subject)->cache;
}

/* Nothing to print of a cache that was refused. */
#define PRINTER(name, code)                                                     \
	static void name(struct text *out, const void *subject, unsigned number UNUSED) \
	{                                                                       \
		struct kmem_cache *cache = cache_of(subject);                   \
		if (cache != NULL)                                              \
			code;                                                   \
	}

#define NUMBER_PRINTER(name, expression) PRINTER(name, text_number(out, (long)(expression)))

static void print_error(struct text *out, const void *subject, unsigned number UNUSED)
{
	text_number(out, ((const struct made *)subject)->error);
}

PRINTER(print_name, text_word(out, cache->name))
NUMBER_PRINTER(print_refcount, cache->refcount)
NUMBER_PRINTER(print_useroffset, cache->useroffset)
NUMBER_PRINTER(print_usersize, cache->usersize)
NUMBER_PRINTER(print_object_size, cache->layout.object_size)
NUMBER_PRINTER(print_size, cache->layout.size)
NUMBER_PRINTER(print_align, cache->layout.align)
NUMBER_PRINTER(print_num, cache->layout.num)
NUMBER_PRINTER(print_gfporder, cache->layout.gfporder)
NUMBER_PRINTER(print_colour, cache->layout.colour)
NUMBER_PRINTER(print_colour_off, cache->layout.colour_off)
NUMBER_PRINTER(print_freelist_size, cache->layout.freelist_size)
NUMBER_PRINTER(print_freelist_cache_size, cache->layout.freelist_cache_size)
NUMBER_PRINTER(print_limit, cache->cpu.limit)
NUMBER_PRINTER(print_batchcount, cache->cpu.batchcount)
NUMBER_PRINTER(print_shared, cache->cpu.shared)
NUMBER_PRINTER(print_recip_m, cache->layout.reciprocal_buffer_size.m)
NUMBER_PRINTER(print_recip_sh1, cache->layout.reciprocal_buffer_size.sh1)
NUMBER_PRINTER(print_recip_sh2, cache->layout.reciprocal_buffer_size.sh2)

static void print_placement(struct text *out, const void *subject, unsigned number UNUSED)
{
	static const char *const names[] = {
		[FREELIST_OBJ] = "obj", [FREELIST_OFF] = "off", [FREELIST_ON] = "on",
	};

	if (cache_of(subject) != NULL)
		text_word(out, names[cache_of(subject)->layout.placement]);
}

/* As the kernel's internal ones: the placement is in the two highest bits. */
static void print_flags(struct text *out, const void *subject, unsigned number UNUSED)
{
	struct kmem_cache *cache = cache_of(subject);

	if (cache == NULL)
		return;
	text_add(out, "%#x", cache->flags |
		 (cache->layout.placement == FREELIST_OBJ ? BIT_OBJ_LIST : 0) |
		 (cache->layout.placement == FREELIST_OFF ? BIT_OFF_SLAB : 0));
}

/* Where the first object begins, behind s_mem: debugging would leave room there. */
static void print_obj_offset(struct text *out, const void *subject, unsigned number UNUSED)
{
	static const struct page slab;

	if (cache_of(subject) != NULL)
		text_number(out, (char *)index_to_obj(&cache_of(subject)->layout, &slab, 0) -
				 slab_first(&cache_of(subject)->layout, &slab));
}

/* CPU 0's array is made by its first use; make it, to see what it is like. */
static const struct array_cache *first_array(struct kmem_cache *cache)
{
	cpu_own_array(&cache->cpu, true);
	return cache->cpu.slot[0];
}

NUMBER_PRINTER(print_ac_limit, first_array(cache)->limit)
NUMBER_PRINTER(print_ac_batch, first_array(cache)->batchcount)

static struct kmem_cache_node *node_of(struct kmem_cache *cache, unsigned node)
{
	return node < topology.nodes ? cache_nodes(cache)[node] : NULL;
}

/* The node's array for the other nodes' objects; all have the same limit. */
static const struct array_cache *any_alien(const struct kmem_cache_node *n)
{
	for (unsigned home = 0; n->alien != NULL && home < topology.nodes; home++)
		if (n->alien[home].array != NULL)
			return n->alien[home].array;
	return NULL;
}

static void print_array_limit(struct text *out, const struct array_cache *array)
{
	text_number(out, array != NULL ? (long)array->limit : -1);
}

static void print_array_batch(struct text *out, const struct array_cache *array)
{
	text_word(out, array != NULL ? BATCH_MARKER : "0x0");
}

#define NODE_PRINTER(name, code)                                                \
	static void name(struct text *out, const void *subject, unsigned node)  \
	{                                                                       \
		struct kmem_cache *cache = cache_of(subject);                   \
		struct kmem_cache_node *n = cache != NULL ? node_of(cache, node) : NULL; \
		if (n != NULL)                                                  \
			code;                                                   \
	}

NODE_PRINTER(print_free_limit, text_number(out, (long)n->free_limit))
NODE_PRINTER(print_shared_limit, print_array_limit(out, n->shared))
NODE_PRINTER(print_shared_batch, print_array_batch(out, n->shared))
NODE_PRINTER(print_alien_limit, print_array_limit(out, any_alien(n)))
NODE_PRINTER(print_alien_batch, print_array_batch(out, any_alien(n)))

const struct column cache_columns[] = {
	{ .pattern = "err", .print = print_error },
	{ .pattern = "name", .print = print_name },
	{ .pattern = "refcount", .print = print_refcount },
	{ .pattern = "useroffset", .print = print_useroffset },
	{ .pattern = "usersize", .print = print_usersize },
	{ .pattern = "object_size", .print = print_object_size },
	{ .pattern = "size", .print = print_size },
	{ .pattern = "align", .print = print_align },
	{ .pattern = "num", .print = print_num },
	{ .pattern = "gfporder", .print = print_gfporder },
	{ .pattern = "colour", .print = print_colour },
	{ .pattern = "colour_off", .print = print_colour_off },
	{ .pattern = "freelist_size", .print = print_freelist_size },
	{ .pattern = "placement", .print = print_placement },
	{ .pattern = "flags", .print = print_flags, .named = NAMED_FLAG_BITS,
	  .bits = VISIBLE_FLAGS | BIT_OBJ_LIST | BIT_OFF_SLAB },
	{ .pattern = "allocflags", .named = NAMED_ALLOCFLAGS },
	{ .pattern = "limit", .print = print_limit },
	{ .pattern = "batchcount", .print = print_batchcount },
	{ .pattern = "shared", .print = print_shared },
	{ .pattern = "ac_limit", .print = print_ac_limit },
	{ .pattern = "ac_batch", .print = print_ac_batch },
	{ .pattern = "recip_m", .print = print_recip_m },
	{ .pattern = "recip_sh1", .print = print_recip_sh1 },
	{ .pattern = "recip_sh2", .print = print_recip_sh2 },
	{ .pattern = "obj_offset", .print = print_obj_offset },
	{ .pattern = "freelist_cache_size", .print = print_freelist_cache_size },
	{ .pattern = "n#_free_limit", .print = print_free_limit },
	{ .pattern = "n#_shared_limit", .print = print_shared_limit },
	{ .pattern = "n#_shared_batch", .print = print_shared_batch },
	{ .pattern = "n#_alien_limit", .print = print_alien_limit },
	{ .pattern = "n#_alien_batch", .print = print_alien_batch },
};

const unsigned cache_columns_count = ARRAY_LENGTH(cache_columns);

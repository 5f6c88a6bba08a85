/*
 * state_columns.c: see state_columns.h.
 */
#include "state_columns.h"

#include "cache/cache.h"
#include "cache_columns.h"
#include "slab/slab.h"
#include "world.h"

/* ---- The operation ------------------------------------------------------------------ */

#define PRINTER(name, code)                                                     \
	static void name(struct text *out, const void *subject, unsigned number UNUSED) \
	{                                                                       \
		const struct world *world = subject;                            \
		code;                                                           \
	}

static const struct held_object *object_taken(const struct world *world)
{
	return world->id >= 0 ? &world->object[world->id] : NULL;
}

/* Bytes from the slab's first page on, the colour included. */
static long byte_offset(const struct held_object *object)
{
	const struct page *slab = virt_to_head_page(object->address);

	return (char *)object->address - (char *)page_address(slab);
}

#define OBJECT_PRINTER(name, expression)                                        \
	PRINTER(name,                                                           \
		const struct held_object *object = object_taken(world);         \
		text_number(out, object != NULL ? (long)(expression) : -1))

PRINTER(print_step, text_number(out, (long)world->step))
PRINTER(print_arguments, text_word(out, text_of(&world->arguments)))
PRINTER(print_result, text_number(out, world->result))
PRINTER(print_id, text_number(out, world->id))
OBJECT_PRINTER(print_slab, object->serial)
OBJECT_PRINTER(print_index, object->index)
OBJECT_PRINTER(print_byte_offset, byte_offset(object))
PRINTER(print_held, text_number(out, (long)world->held))
PRINTER(print_cpu, text_number(out, (long)world->cpu))
PRINTER(print_events, text_word(out, text_of(&world->events)))

/* ---- A CPU's array ------------------------------------------------------------------- */

/* NULL when that CPU has none yet: then it is empty and untouched. */
static const struct array_cache *array_of(const struct world *world, unsigned cpu)
{
	const struct array_cache *array = NULL;

	if (world->cache != NULL && cpu < topology.slots)
		array = world->cache->cpu.slot[cpu];
	return array != &array_none ? array : NULL;
}

#define ARRAY_PRINTER(name, real, otherwise)                                    \
	static void name(struct text *out, const void *subject, unsigned cpu)   \
	{                                                                       \
		const struct world *world = subject;                            \
		const struct array_cache *array = array_of(world, cpu);         \
		if (world->cache != NULL && cpu < topology.slots)               \
			text_number(out, array != NULL ? (long)(real) : (long)(otherwise)); \
	}

ARRAY_PRINTER(print_avail, array->avail, 0)
ARRAY_PRINTER(print_limit, array->limit, world->cache->cpu.limit)
ARRAY_PRINTER(print_batch, array->batchcount, world->cache->cpu.batchcount)
ARRAY_PRINTER(print_touched, !array->idle, 0)

/* ---- A node ------------------------------------------------------------------------- */

static struct kmem_cache_node *node_of(const void *subject, unsigned node)
{
	const struct world *world = subject;

	if (world->cache == NULL || node >= topology.nodes)
		return NULL;
	return cache_nodes(world->cache)[node];
}

#define NODE_PRINTER(name, code)                                                \
	static void name(struct text *out, const void *subject, unsigned node)  \
	{                                                                       \
		struct kmem_cache_node *n = node_of(subject, node);             \
		if (n != NULL)                                                  \
			code;                                                   \
	}

#define SHARED_PRINTER(name, expression)                                        \
	NODE_PRINTER(name, text_number(out, n->shared != NULL ? (long)(expression) : -1))

SHARED_PRINTER(print_shared_avail, n->shared->avail)
SHARED_PRINTER(print_shared_limit, n->shared->limit)
SHARED_PRINTER(print_shared_touched, !n->shared->idle)
NODE_PRINTER(print_total_slabs, text_number(out, (long)n->total_slabs))
NODE_PRINTER(print_free_slabs, text_number(out, (long)n->free_slabs))
NODE_PRINTER(print_free_objects, text_number(out, (long)n->free_objects))
NODE_PRINTER(print_free_limit, text_number(out, (long)n->free_limit))
NODE_PRINTER(print_colour_next, text_number(out, (long)n->colour_next))
NODE_PRINTER(print_free_touched, text_number(out, n->free_touched))

static bool has_aliens(const struct kmem_cache_node *n)
{
	for (unsigned home = 0; n->alien != NULL && home < topology.nodes; home++)
		if (n->alien[home].array != NULL)
			return true;
	return false;
}

/* One for each node, -1 for its own; a single -1 when there are none at all. */
static void print_aliens(struct text *out, const struct kmem_cache_node *n)
{
	if (!has_aliens(n)) {
		text_number(out, -1);
		return;
	}
	for (unsigned home = 0; home < topology.nodes; home++) {
		const struct array_cache *array = n->alien[home].array;

		if (home != 0)
			text_word(out, "/");
		text_number(out, array != NULL ? (long)array->avail : -1);
	}
}

static void print_list(struct text *out, struct list *list)
{
	const char *separator = "";

	list_for_each(node, list) {
		const struct page *slab = list_entry(node, struct page, list);

		text_word(out, separator);
		text_number(out, (long)slab->serial);
		text_word(out, ":");
		text_number(out, (long)slab->active);
		separator = " ";
	}
}

NODE_PRINTER(print_alien_avail, print_aliens(out, n))
NODE_PRINTER(print_full, print_list(out, &n->slabs_full))
NODE_PRINTER(print_partial, print_list(out, &n->slabs_partial))
NODE_PRINTER(print_free, print_list(out, &n->slabs_free))

/* ---- The whole cache ------------------------------------------------------------------ */

static long count_objects(const struct world *world)
{
	long count = 0;

	for (unsigned node = 0; world->cache != NULL && node < topology.nodes; node++)
		count += (long)(cache_nodes(world->cache)[node]->total_slabs *
				world->cache->layout.num);
	return count;
}

static long count_free_objects(const struct world *world)
{
	long count = 0;

	for (unsigned node = 0; world->cache != NULL && node < topology.nodes; node++)
		count += (long)cache_nodes(world->cache)[node]->free_objects;
	return count;
}

PRINTER(print_active_objs,
	text_number(out, count_objects(world) - count_free_objects(world)))
PRINTER(print_num_objs, text_number(out, count_objects(world)))
PRINTER(print_tot_free_objects, text_number(out, count_free_objects(world)))

static void print_ctor_calls(struct text *out, const void *subject UNUSED,
			     unsigned number UNUSED)
{
	text_number(out, (long)ctor_calls);
}

const struct column state_columns[] = {
	{ .pattern = "step", .print = print_step },
	{ .pattern = "op" },
	{ .pattern = "args", .print = print_arguments },
	{ .pattern = "result", .print = print_result },
	{ .pattern = "obj", .print = print_id },
	{ .pattern = "slab", .print = print_slab },
	{ .pattern = "idx", .print = print_index },
	{ .pattern = "byteoff", .print = print_byte_offset },
	{ .pattern = "held", .print = print_held },
	{ .pattern = "cpu", .print = print_cpu },
	{ .pattern = "events", .print = print_events },
	{ .pattern = "c#_avail", .print = print_avail },
	{ .pattern = "c#_limit", .print = print_limit },
	{ .pattern = "c#_batch", .print = print_batch },
	{ .pattern = "c#_touched", .print = print_touched },
	{ .pattern = "n#_shared_avail", .print = print_shared_avail },
	{ .pattern = "n#_shared_limit", .print = print_shared_limit },
	{ .pattern = "n#_shared_touched", .print = print_shared_touched },
	{ .pattern = "n#_total_slabs", .print = print_total_slabs },
	{ .pattern = "n#_free_slabs", .print = print_free_slabs },
	{ .pattern = "n#_free_objects", .print = print_free_objects },
	{ .pattern = "n#_free_limit", .print = print_free_limit },
	{ .pattern = "n#_colour_next", .print = print_colour_next },
	{ .pattern = "n#_free_touched", .print = print_free_touched },
	{ .pattern = "n#_alien_avail", .print = print_alien_avail },
	{ .pattern = "n#_full", .print = print_full },
	{ .pattern = "n#_partial", .print = print_partial },
	{ .pattern = "n#_free", .print = print_free },
	{ .pattern = "active_objs", .print = print_active_objs },
	{ .pattern = "num_objs", .print = print_num_objs },
	{ .pattern = "tot_free_objects", .print = print_tot_free_objects },
	{ .pattern = "ctor_calls", .print = print_ctor_calls },
};

const unsigned state_columns_count = ARRAY_LENGTH(state_columns);

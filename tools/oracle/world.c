/*
 * world.c: see world.h.
 */
#include "world.h"

#include <errno.h>
#include <stdlib.h>

#include "cache/cache.h"
#include "cache_columns.h"
#include "slab/slab.h"

void world_init(struct world *world)
{
	*world = (struct world){ .id = -1 };
	text_clear(&world->arguments);
	text_clear(&world->events);
}

static const struct page *slab_of(const void *object)
{
	return virt_to_head_page(object);
}

void print_place(struct text *out, struct kmem_cache *cache, const void *object)
{
	const struct page *slab = slab_of(object);

	text_number(out, (long)slab->serial);
	text_word(out, ".");
	text_number(out, (long)obj_to_index(&cache->layout, slab, object));
}

/* ---- Objects by id ----------------------------------------------------------------- */

static void keep(struct world *world, void *address)
{
	const struct page *slab = address != NULL ? slab_of(address) : NULL;

	if (world->objects == world->room) {
		world->room = world->room * 2 + 256;
		world->object = must_allocate(world->object,
					      world->room * sizeof(*world->object));
	}
	world->object[world->objects++] = (struct held_object){
		.address = address,
		.serial = slab != NULL ? slab->serial : 0,
		.index = slab != NULL ?
			 obj_to_index(&world->cache->layout, slab, address) : 0,
	};
	world->held += address != NULL;
}

/* The object of this id, which is no longer held; NULL when it is not out. */
static void *let_go(struct world *world, long id)
{
	void *address;

	if (id < 0 || (size_t)id >= world->objects)
		return NULL;
	address = world->object[id].address;
	world->object[id].address = NULL;
	world->held -= address != NULL;
	return address;
}

/* ---- Operations -------------------------------------------------------------------- */

static bool create(struct world *world, const struct op *op)
{
	if (world->cache != NULL)
		return false;
	ctor_calls = 0;
	world->cache = kmem_cache_create(op->name, (unsigned)op->number[0],
					 (unsigned)op->number[1], (slab_flags_t)op->number[2],
					 op->number[3] != 0 ? count_ctor_call : NULL);
	world->result = world->cache != NULL ? 0 : -errno;
	return world->cache != NULL;
}

static bool take(struct world *world, void *object)
{
	world->result = object != NULL ? 0 : -errno;
	world->id = (long)world->objects;
	keep(world, object);
	return object != NULL;
}

static bool take_bulk(struct world *world, long count)
{
	void **objects = must_allocate(NULL, (size_t)count * sizeof(*objects));

	world->result = kmem_cache_alloc_bulk(world->cache, GFP_KERNEL, (size_t)count, objects);
	for (long i = 0; i < world->result; i++)
		keep(world, objects[i]);
	free(objects);
	return world->result == count;
}

static bool give(struct world *world, long id)
{
	void *object = let_go(world, id);

	if (object == NULL)
		return false;
	text_clear(&world->arguments);
	text_add(&world->arguments, "%ld=%u.%u", id, world->object[id].serial,
		 world->object[id].index);
	kmem_cache_free(world->cache, object);
	return true;
}

static bool give_bulk(struct world *world, long first, long count)
{
	void **objects = must_allocate(NULL, (size_t)count * sizeof(*objects));
	size_t found = 0;

	for (long id = first; id < first + count; id++) {
		objects[found] = let_go(world, id);
		found += objects[found] != NULL;
	}
	kmem_cache_free_bulk(world->cache, found, objects);
	free(objects);
	return true;
}

/* The time is made up too: always past or never due. */
static void reap(struct world *world, bool due)
{
	for (unsigned node = 0; node < topology.nodes; node++)
		cache_nodes(world->cache)[node]->next_reap_ms = due ? 0 : UINT64_MAX;
	cache_reap_cpu(world->cache, world->cpu, world->alien_home, 1);
	world->alien_home = (world->alien_home + 1) % topology.nodes;
	world->result = world->alien_home;
}

static bool move(struct world *world, long cpu)
{
	if (cpu < 0 || cpu >= (long)topology.slots)
		return false;
	world->cpu = (unsigned)cpu;
	thread_pretend_cpu((int)cpu);
	return true;
}

int world_set_online(unsigned cpu, bool online)
{
	if (topology.online[cpu] == online)
		return 0;
	if (online)
		return cpu_came_online(cpu);
	cpu_went_offline(cpu);
	return 0;
}

/* Switched already, if a note above the row said so. */
static bool state(const struct op *op)
{
	if (op->count == 0)
		return true;
	if (op->number[1] < 0 || op->number[1] >= (long)topology.slots)
		return false;
	world_set_online((unsigned)op->number[1], op->number[2] != 0);
	return true;
}

/* A cache whose objects are still out is kept by the library; so is our sight of it. */
static bool destroy(struct world *world)
{
	struct kmem_cache *cache = world->cache;

	world->result = world->held == 0 ? 0 : -EBUSY;
	kmem_cache_destroy(cache);
	if (world->held == 0)
		world->cache = NULL;
	return true;
}

static bool perform(struct world *world, const struct op *op)
{
	const long *number = op->number;

	switch (op->kind) {
	case OP_CREATE:
		return create(world, op);
	case OP_ALLOC:
		return take(world, kmem_cache_alloc(world->cache, GFP_KERNEL));
	case OP_ALLOCNODE:
		return take(world, kmem_cache_alloc_node(world->cache, GFP_KERNEL,
							 (int)number[0]));
	case OP_FREE:
		return give(world, number[0]);
	case OP_ALLOCBULK:
		return number[0] >= 0 && take_bulk(world, number[0]);
	case OP_FREEBULK:
		return number[1] >= 0 && give_bulk(world, number[0], number[1]);
	case OP_SHRINK:
		world->result = kmem_cache_shrink(world->cache);
		return true;
	case OP_TUNE:
		world->result = kmem_cache_tune(world->cache, (int)number[0], (int)number[1],
						(int)number[2]);
		return true;
	case OP_REAP:
		reap(world, number[0] != 0);
		return true;
	case OP_CPU:
		return move(world, number[0]);
	case OP_STATE:
		return state(op);
	case OP_DESTROY:
		return destroy(world);
	case OP_DUMP:
	case OP_RCUBARRIER:     /* slabs of typesafe caches leave at once here */
	case OP_KINDS:
		break;
	}
	return true;
}

/* The lists' and counters' own check is dear, so not behind every alloc and free. */
static bool deserves_check(const struct world *world, const struct op *op)
{
	enum { NOW_AND_THEN = 64 };

	return (op->kind != OP_ALLOC && op->kind != OP_FREE) || world->step % NOW_AND_THEN == 0;
}

bool world_perform(struct world *world, const struct op *op)
{
	world->result = 0;
	world->id = -1;
	text_clear(&world->events);
	if (world->cache == NULL && op->kind != OP_CREATE && op->kind != OP_CPU)
		return false;
	if (!perform(world, op))
		return false;
	if (world->cache == NULL)
		return true;
	watch_look(&world->watch, world->cache, &world->events);
	if (deserves_check(world, op))
		cache_check(world->cache);
	return true;
}

void world_end(struct world *world)
{
	for (unsigned cpu = 0; cpu < topology.slots; cpu++)
		world_set_online(cpu, true);
	for (size_t id = 0; id < world->objects; id++)
		if (world->object[id].address != NULL)
			kmem_cache_free(world->cache, let_go(world, (long)id));
	kmem_cache_destroy(world->cache);
	free(world->object);
	watch_free(&world->watch);
	text_free(&world->arguments);
	text_free(&world->events);
	world_init(world);
}

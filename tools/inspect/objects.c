/*
 * objects.c: which objects of a slab are free, and which free ones wait in arrays.
 *
 * An object in an array counts as taken from its slab; so "live" is what the slab says
 * is taken, less what the arrays hold.
 */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "runs.h"

static bool free_by_map(const struct cache_view *cache, const struct run_view *slab,
			uint8_t *is_free)
{
	enum { MAP_BITS = 8 * sizeof(slab->free_map) };
	uint32_t count = 0;

	for (uint32_t i = 0; i < cache->num; i++) {
		is_free[i] = i < MAP_BITS && (slab->free_map[i / 64] >> i % 64 & 1) != 0;
		count += is_free[i];
	}
	return cache->num <= MAP_BITS && count == cache->num - slab->active;
}

/* The indices [active .. num) of the list are the free ones, each once. */
static bool free_by_list(struct target *target, const struct cache_view *cache,
			 const struct run_view *slab, uint8_t *is_free)
{
	uint8_t list[256];

	if (slab->active == cache->num)
		return true;
	if (cache->num > sizeof(list) ||
	    !target_read(target, slab->freelist, list, cache->num))
		return false;
	for (uint32_t i = slab->active; i < cache->num; i++) {
		if (list[i] >= cache->num || is_free[list[i]])
			return false;
		is_free[list[i]] = 1;
	}
	return true;
}

bool slab_free_objects(struct target *target, const struct cache_view *cache,
		       const struct run_view *slab, uint8_t *is_free)
{
	memset(is_free, 0, cache->num);
	if (slab->active > cache->num)
		return false;
	if (cache->placement == value_of(target, F_FREELIST_MAP))
		return free_by_map(cache, slab, is_free);
	return free_by_list(target, cache, slab, is_free);
}

/* ---- Arrays ------------------------------------------------------------------------ */

static bool add_array(struct parked_set *set, struct target *target, uint64_t array,
		      uint32_t avail, const char *where)
{
	struct parked *more = realloc(set->at, (set->count + avail + 1) * sizeof(*more));
	uint64_t *objects = calloc(avail + 1, sizeof(*objects));

	if (more != NULL)
		set->at = more;
	if (more != NULL && objects != NULL &&
	    target_read(target, array + value_of(target, F_ARRAY_ENTRY), objects,
			avail * sizeof(*objects)))
		for (uint32_t i = 0; i < avail; i++) {
			set->at[set->count].object = objects[i];
			snprintf(set->at[set->count++].where, sizeof(more->where), "%s", where);
		}
	free(objects);
	return more != NULL;
}

/* The header again: the array has moved on since the snapshot. */
static bool add_array_now(struct parked_set *set, struct target *target, uint64_t array,
			  const char *where)
{
	struct record header;
	uint64_t avail, limit;

	if (array == 0 || !record_fetch(target, &header, array, F_ARRAY))
		return true;
	avail = record_number(target, &header, F_ARRAY_AVAIL);
	limit = record_number(target, &header, F_ARRAY_LIMIT);
	if (avail > limit || limit > OBJECTS_MAX)
		return true;
	return add_array(set, target, array, (uint32_t)avail, where);
}

static bool add_aliens(struct parked_set *set, struct target *target, uint64_t node_address,
		       uint32_t node, uint32_t nodes)
{
	uint64_t alien = target_number(target, node_address, F_NODE_ALIEN);
	char where[40];

	for (uint32_t home = 0; home < nodes && alien != 0; home++) {
		uint64_t at = alien + home * target->field[F_ALIEN].size;

		snprintf(where, sizeof(where), "alien of node %u", node);
		if (!add_array_now(set, target, target_number(target, at, F_ALIEN_ARRAY), where))
			return false;
	}
	return true;
}

static bool add_nodes(struct parked_set *set, struct target *target,
		      const struct cache_view *cache, uint32_t nodes)
{
	uint64_t pointers = target_number(target, cache->address + value_of(target, F_CACHE_CPU),
					  F_CPU_NODES);
	char where[40];

	for (uint32_t node = 0; node < nodes; node++) {
		uint64_t address = target_pointer(target, pointers + node * 8);

		snprintf(where, sizeof(where), "shared of node %u", node);
		if (!add_array_now(set, target, cache->nodes[node].shared, where) ||
		    !add_aliens(set, target, address, node, nodes))
			return false;
	}
	return true;
}

static int by_object(const void *a, const void *b)
{
	const struct parked *left = a, *right = b;

	return left->object < right->object ? -1 : left->object > right->object;
}

bool parked_collect(struct parked_set *set, struct target *target,
		    const struct cache_view *cache, uint32_t nodes)
{
	bool good = true;
	char where[40];

	*set = (struct parked_set){ 0 };
	if (cache->address == 0)
		return true;            /* the allocator's own have no arrays */
	for (size_t i = 0; i < cache->arrays_count && good; i++) {
		snprintf(where, sizeof(where), "array of CPU %u", cache->arrays[i].slot);
		good = add_array_now(set, target, cache->arrays[i].address, where);
	}
	good = good && cache->nodes != NULL && add_nodes(set, target, cache, nodes);
	if (good && set->count != 0)
		qsort(set->at, set->count, sizeof(*set->at), by_object);
	return good;
}

const struct parked *parked_find(const struct parked_set *set, uint64_t object)
{
	struct parked key = { .object = object };

	if (set->count == 0)
		return NULL;
	return bsearch(&key, set->at, set->count, sizeof(*set->at), by_object);
}

void parked_free(struct parked_set *set)
{
	free(set->at);
	*set = (struct parked_set){ 0 };
}

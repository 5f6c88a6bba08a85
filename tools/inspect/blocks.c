/*
 * blocks.c: every object that the program may hold, for reach.c.
 */
#include <stdlib.h>
#include <string.h>

#include "reach.h"

enum { LIVE_OBJECTS_MAX = 1 << 28 };

/* What is known of each cache before its slabs are looked at. */
struct cache_facts {
	struct parked_set parked;
	struct owner_tables tables;
};

struct collection {
	struct reach *reach;
	const struct snapshot *snapshot;
	struct cache_facts *facts;     /* as snapshot->caches */
	uint64_t *own;                 /* runs of pages that are the allocator's, sorted */
	size_t own_count;
	bool no_memory;
};

static int by_number(const void *a, const void *b)
{
	uint64_t left = *(const uint64_t *)a, right = *(const uint64_t *)b;

	return left < right ? -1 : left > right;
}

/* ---- The allocator's own pages ------------------------------------------------------- */

/* Each cache has no more of them than arrays, aliens included, and one permutation. */
static size_t own_max(const struct snapshot *snapshot)
{
	size_t max = 0;

	for (size_t i = 0; i < snapshot->caches_count; i++)
		max += snapshot->caches[i].arrays_count +
		       (size_t)snapshot->nodes * (snapshot->nodes + 1) + 1;
	return max;
}

static void add_own(struct collection *collection, uint64_t address)
{
	if (address != 0)
		collection->own[collection->own_count++] = address;
}

static void add_own_of_node(struct collection *collection, struct target *target,
			    uint64_t node, uint32_t nodes)
{
	uint64_t alien = target_number(target, node, F_NODE_ALIEN);

	add_own(collection, target_number(target, node, F_NODE_SHARED));
	for (uint32_t home = 0; home < nodes && alien != 0; home++)
		add_own(collection, target_number(target,
			alien + home * (uint64_t)target->field[F_ALIEN].size, F_ALIEN_ARRAY));
}

static void add_own_of_cache(struct collection *collection, struct target *target,
			     const struct cache_view *cache)
{
	uint64_t pointers = target_number(target, cache->address + value_of(target, F_CACHE_CPU),
					  F_CPU_NODES);

	for (size_t i = 0; i < cache->arrays_count; i++)
		add_own(collection, cache->arrays[i].address);
	if (target->field[F_LAYOUT_RANDOM].known)
		add_own(collection, target_number(target, cache->layout, F_LAYOUT_RANDOM));
	for (uint32_t node = 0; node < collection->snapshot->nodes && cache->address != 0; node++)
		add_own_of_node(collection, target, target_pointer(target, pointers + node * 8),
				collection->snapshot->nodes);
}

static bool collect_own(struct collection *collection, struct target *target)
{
	const struct snapshot *snapshot = collection->snapshot;

	collection->own = calloc(own_max(snapshot) + 1, sizeof(*collection->own));
	if (collection->own == NULL)
		return false;
	for (size_t i = 0; i < snapshot->caches_count; i++)
		add_own_of_cache(collection, target, &snapshot->caches[i]);
	qsort(collection->own, collection->own_count, sizeof(*collection->own), by_number);
	return true;
}

static bool is_own(const struct collection *collection, uint64_t address)
{
	return bsearch(&address, collection->own, collection->own_count,
		       sizeof(address), by_number) != NULL;
}

/* ---- Blocks ---------------------------------------------------------------------------- */

/* NULL when there is no memory for it. The marks of its @objects are MARK_NONE. */
static struct block *new_block(struct collection *collection, uint64_t objects)
{
	struct reach *reach = collection->reach;
	bool grow = (reach->count & (reach->count + 1)) == 0;
	struct block *blocks = reach->block;
	uint8_t *marks = realloc(reach->mark, reach->objects + objects);

	if (grow)
		blocks = reallocarray(blocks, (reach->count + 1) * 2, sizeof(*blocks));
	if (marks != NULL)
		reach->mark = marks;
	if (blocks != NULL)
		reach->block = blocks;
	if (marks == NULL || blocks == NULL || reach->objects + objects > LIVE_OBJECTS_MAX) {
		collection->no_memory = true;
		return NULL;
	}
	memset(marks + reach->objects, MARK_NONE, objects);
	blocks[reach->count] = (struct block){ .first = reach->objects };
	reach->objects += objects;
	return &blocks[reach->count++];
}

/* A run that isn't a power of two long is several; the first says how long they are. */
static bool add_pages(struct collection *collection, const struct run_view *run)
{
	struct reach *reach = collection->reach;
	uint64_t pages = run->active > run->pages && run->active < 2 * run->pages ?
			 run->active : run->pages;
	struct block *last = reach->count != 0 ? &reach->block[reach->count - 1] : NULL;

	if (is_own(collection, run->address) ||
	    (last != NULL && last->cache == NULL && run->address > last->start &&
	     run->address < last->end))
		return true;
	last = new_block(collection, 1);
	if (last == NULL)
		return false;
	last->start = last->slab = run->address;
	last->end = run->address + (pages << 12);
	last->size = last->object_size = pages << 12;
	reach->mark[last->first] = MARK_LOST;
	reach->live++;
	return true;
}

static bool is_live(struct target *target, const struct cache_facts *facts,
		    const struct block *block, uint32_t index)
{
	struct owner_view owner;

	if (parked_find(&facts->parked, block->start + (uint64_t)index * block->size) != NULL)
		return false;
	return !facts->tables.known ||
	       !owner_read(target, &facts->tables, block->slab, index, &owner) || owner.is_taken;
}

static bool lies_within(const struct cache_view *cache, const struct run_view *run)
{
	uint64_t bytes = run->pages << 12, objects = (uint64_t)cache->num * cache->size;

	return objects <= bytes && slab_first(cache, run) - run->address <= bytes - objects;
}

static bool add_slab(struct collection *collection, const struct cache_view *cache,
		     const struct run_view *run)
{
	static uint8_t is_free[OBJECTS_MAX];
	struct reach *reach = collection->reach;
	const struct cache_facts *facts = &collection->facts[cache - collection->snapshot->caches];
	struct block *block;

	if (!lies_within(cache, run) || !slab_free_objects(reach->target, cache, run, is_free)) {
		reach->damaged++;
		return true;
	}
	block = new_block(collection, cache->num);
	if (block == NULL)
		return false;
	block->start = slab_first(cache, run);
	block->end = block->start + (uint64_t)cache->num * cache->size;
	block->slab = run->address;
	block->cache = cache;
	block->size = cache->size;
	block->object_size = cache->object_size;
	block->freelist = cache->placement == value_of(reach->target, F_FREELIST_MAP) ? 0 :
			  run->freelist;
	for (uint32_t i = 0; i < cache->num; i++)
		if (!is_free[i] && is_live(reach->target, facts, block, i)) {
			reach->mark[block->first + i] = MARK_LOST;
			reach->live++;
		}
	return true;
}

static bool visit(void *context, const struct run_view *run)
{
	struct collection *collection = context;
	const struct cache_view *cache;

	if (run->state == RUN_TAKEN)
		return add_pages(collection, run);
	if (run->state != RUN_SLAB)
		return true;
	cache = snapshot_of_layout(collection->snapshot, run->layout);
	if (cache == NULL || cache->address == 0 || cache->num == 0)
		return true;            /* nobody's, or the allocator's own */
	return add_slab(collection, cache, run);
}

/* ---- All --------------------------------------------------------------------------------- */

static bool collect_facts(struct collection *collection, struct target *target)
{
	const struct snapshot *snapshot = collection->snapshot;
	bool good = true;

	collection->facts = calloc(snapshot->caches_count + 1, sizeof(*collection->facts));
	for (size_t i = 0; i < snapshot->caches_count && collection->facts != NULL && good; i++) {
		const struct cache_view *cache = &snapshot->caches[i];

		collection->facts[i].tables = owner_tables_of(target, cache);
		good = cache->nodes == NULL ||
		       parked_collect(&collection->facts[i].parked, target, cache, snapshot->nodes);
	}
	return good && collection->facts != NULL;
}

static int by_start(const void *a, const void *b)
{
	const struct block *left = a, *right = b;

	return left->start < right->start ? -1 : left->start > right->start;
}

bool reach_collect(struct reach *reach, struct target *target, const struct snapshot *snapshot)
{
	struct collection collection = { .reach = reach, .snapshot = snapshot };

	*reach = (struct reach){ .target = target };
	collection.no_memory = !collect_own(&collection, target) ||
			       !collect_facts(&collection, target);
	if (!collection.no_memory)
		runs_walk(target, snapshot, visit, &collection);
	for (size_t i = 0; i < snapshot->caches_count && collection.facts != NULL; i++)
		parked_free(&collection.facts[i].parked);
	free(collection.facts);
	free(collection.own);
	reach->queue = calloc(reach->live + 1, sizeof(*reach->queue));
	if (collection.no_memory || reach->queue == NULL) {
		reach_free(reach);
		return false;
	}
	if (reach->count != 0)
		qsort(reach->block, reach->count, sizeof(*reach->block), by_start);
	return true;
}

void reach_free(struct reach *reach)
{
	free(reach->block);
	free(reach->mark);
	free(reach->queue);
	*reach = (struct reach){ 0 };
}

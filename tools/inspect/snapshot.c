/*
 * snapshot.c: see snapshot.h.
 */
#include "snapshot.h"
#include "groups.h"

#include <stdlib.h>
#include <string.h>

#include "../../src/base/shown.h"
#include "../say.h"

enum {
	READINGS_MAX = 8,              /* of a node that doesn't come to rest */
	LIST_TRIES = 4,                /* of the list of caches, when it changes under us */
	ORDER_MAX = 20, NUM_MAX = 65535,
};

/* ---- Nodes ---------------------------------------------------------------------- */

static bool lock_is_free(const struct target *target, const struct record *node)
{
	size_t at = value_of(target, F_NODE_LOCK);

	return at > node->size || bytes_number(target, node->bytes + at, node->size - at,
					       F_LOCK_STATE) == 0;
}

/* Read it until it says the same twice with nobody inside. */
static bool fetch_node(struct target *target, struct record *node, uint64_t address, bool *steady)
{
	struct record again;

	*steady = false;
	if (!record_fetch(target, node, address, F_NODE))
		return false;
	for (int i = 0; i < READINGS_MAX && !*steady; i++) {
		if (!record_fetch(target, &again, address, F_NODE))
			return false;
		*steady = lock_is_free(target, node) &&
			  memcmp(again.bytes, node->bytes, node->size) == 0;
		memcpy(node->bytes, again.bytes, node->size);
	}
	return true;
}

static uint32_t array_avail(struct target *target, uint64_t array)
{
	struct record record;
	uint64_t avail, limit;

	if (!record_fetch(target, &record, array, F_ARRAY))
		return 0;
	avail = record_number(target, &record, F_ARRAY_AVAIL);
	limit = record_number(target, &record, F_ARRAY_LIMIT);
	return avail <= limit ? (uint32_t)avail : 0;
}

static uint32_t alien_avail(struct target *target, uint64_t alien, uint32_t nodes)
{
	uint32_t sum = 0;

	for (uint32_t home = 0; home < nodes && alien != 0; home++) {
		uint64_t array = target_number(target, alien + home * target->field[F_ALIEN].size,
					       F_ALIEN_ARRAY);

		sum += array != 0 ? array_avail(target, array) : 0;
	}
	return sum;
}

static void view_node(struct target *target, struct cache_view *cache, struct node_view *view,
		      uint64_t address, uint32_t nodes)
{
	struct record node;
	bool steady;

	if (!fetch_node(target, &node, address, &steady)) {
		cache->damaged = true;
		return;
	}
	cache->steady &= steady;
	view->total_slabs = record_number(target, &node, F_NODE_TOTAL_SLABS);
	view->free_slabs = record_number(target, &node, F_NODE_FREE_SLABS);
	view->free_objects = record_number(target, &node, F_NODE_FREE_OBJECTS);
	if (target->field[F_NODE_HITS].known)
		cache->hits += record_number(target, &node, F_NODE_HITS);
	view->shared = record_number(target, &node, F_NODE_SHARED);
	if (view->shared != 0)
		view->shared_avail = array_avail(target, view->shared);
	view->alien_avail = alien_avail(target, record_number(target, &node, F_NODE_ALIEN), nodes);
}

/* N2 and N5 of src/node/node.h, as far as sums tell. */
static bool node_is_possible(const struct cache_view *cache, const struct node_view *node)
{
	return node->total_slabs < UINT64_C(1) << 40 && node->free_slabs <= node->total_slabs &&
	       node->free_objects <= node->total_slabs * cache->num &&
	       node->free_objects >= node->free_slabs * cache->num;
}

static void sum_node(struct cache_view *cache, const struct node_view *node)
{
	if (!node_is_possible(cache, node)) {
		cache->damaged |= cache->steady;        /* else it was read half way through */
		return;
	}
	cache->slabs += node->total_slabs;
	cache->active_slabs += node->total_slabs - node->free_slabs;
	cache->objects += node->total_slabs * cache->num;
	cache->active_objects += node->total_slabs * cache->num - node->free_objects;
	cache->in_shared += node->shared_avail;
	cache->in_alien += node->alien_avail;
}

/* @pointers is where the target keeps the addresses of the nodes. */
static void view_nodes(struct target *target, struct cache_view *cache, uint64_t pointers,
		       uint32_t nodes)
{
	cache->nodes = calloc(nodes, sizeof(*cache->nodes));
	for (uint32_t node = 0; node < nodes && cache->nodes != NULL; node++) {
		uint64_t address = target_pointer(target, pointers + node * 8);

		view_node(target, cache, &cache->nodes[node], address, nodes);
		if (!cache->damaged)
			sum_node(cache, &cache->nodes[node]);
	}
}

/* ---- Arrays --------------------------------------------------------------------- */

static void view_array(struct target *target, struct cache_view *cache, uint32_t slot,
		       uint64_t address)
{
	struct array_view *view = &cache->arrays[cache->arrays_count];
	struct record array;

	if (!record_fetch(target, &array, address, F_ARRAY)) {
		cache->damaged = true;
		return;
	}
	view->address = address;
	view->slot = slot;
	view->avail = (uint32_t)record_number(target, &array, F_ARRAY_AVAIL);
	view->limit = (uint32_t)record_number(target, &array, F_ARRAY_LIMIT);
	view->idle = record_number(target, &array, F_ARRAY_IDLE) != 0;
	if (view->limit == 0)
		return;                 /* nobody's: array_none, or parked */
	if (view->avail > view->limit) {
		cache->damaged = true;
		return;
	}
	cache->in_cpu_arrays += view->avail;
	cache->arrays_count++;
}

static void view_arrays(struct target *target, struct cache_view *cache, uint64_t cpu,
			uint32_t slots)
{
	uint64_t *pointers = calloc(slots, sizeof(*pointers));

	cache->arrays = calloc(slots, sizeof(*cache->arrays));
	if (pointers != NULL && cache->arrays != NULL &&
	    target_read(target, cpu + value_of(target, F_CPU_SLOT), pointers, slots * 8))
		for (uint32_t slot = 0; slot < slots; slot++)
			view_array(target, cache, slot, pointers[slot]);
	else
		cache->damaged = true;
	free(pointers);
}

/* ---- Caches --------------------------------------------------------------------- */

static void view_layout(struct target *target, struct cache_view *cache, uint64_t address)
{
	struct record layout;

	cache->layout = address;
	if (!record_fetch(target, &layout, address, F_LAYOUT)) {
		cache->damaged = true;
		return;
	}
	cache->object_size = (uint32_t)record_number(target, &layout, F_LAYOUT_OBJECT_SIZE);
	cache->size = (uint32_t)record_number(target, &layout, F_LAYOUT_SIZE);
	cache->align = (uint32_t)record_number(target, &layout, F_LAYOUT_ALIGN);
	cache->num = (uint32_t)record_number(target, &layout, F_LAYOUT_NUM);
	cache->order = (uint32_t)record_number(target, &layout, F_LAYOUT_GFPORDER);
	cache->colour = (uint32_t)record_number(target, &layout, F_LAYOUT_COLOUR);
	if (target->field[F_LAYOUT_COLOUR_OFF].known) {
		cache->colour_off = (uint32_t)record_number(target, &layout, F_LAYOUT_COLOUR_OFF);
		cache->lead = (uint32_t)record_number(target, &layout, F_LAYOUT_LEAD);
	}
	cache->placement = (uint32_t)record_number(target, &layout, F_LAYOUT_PLACEMENT);
	if (cache->num == 0 || cache->num > NUM_MAX || cache->order > ORDER_MAX ||
	    cache->size == 0 || cache->object_size > cache->size ||
	    (uint64_t)cache->num * cache->size > UINT64_C(4096) << cache->order) {
		cache->damaged = true;
		cache->num = cache->order = 0;
	}
}

/* What nobody asked for yet has no memory. */
static void view_times(struct target *target, struct cache_view *cache, uint64_t cpu)
{
	uint64_t watch = target->field[F_CPU_WATCH].known ?
			 target_number(target, cpu, F_CPU_WATCH) : 0;

	if (watch == 0 || target->field[F_WATCH_TOOK].size != sizeof(cache->took) ||
	    !target_read(target, watch + value_of(target, F_WATCH_TOOK), cache->took,
			 sizeof(cache->took)))
		return;
	for (int i = 0; i < MISS_KINDS * MISS_BUCKETS; i++)
		cache->timed |= cache->took[i / MISS_BUCKETS][i % MISS_BUCKETS] != 0;
}

static void view_tunables(struct target *target, struct cache_view *cache, uint64_t cpu)
{
	cache->limit = (uint32_t)target_number(target, cpu, F_CPU_LIMIT);
	cache->batchcount = (uint32_t)target_number(target, cpu, F_CPU_BATCHCOUNT);
	cache->shared = (uint32_t)target_number(target, cpu, F_CPU_SHARED);
	cache->refills = target_number(target, cpu, F_CPU_REFILLS);
	cache->flushes = target_number(target, cpu, F_CPU_FLUSHES);
	if (target->field[F_CPU_HITS].known)
		cache->hits = target_number(target, cpu, F_CPU_HITS);
	view_times(target, cache, cpu);
}

/* Text from the target: no more than there is, and nothing a terminal obeys. */
static void view_name(struct target *target, struct cache_view *cache, uint64_t address,
		      uint32_t bytes)
{
	bytes = bytes < CACHE_NAME_BYTES ? bytes : CACHE_NAME_BYTES - 1;
	if (!target_read(target, address, cache->name, bytes) || cache->name[0] == '\0') {
		cache->damaged = true;
		strcpy(cache->name, "?");
	}
	shown(cache->name);
}

static void view_cache(struct snapshot *snapshot, struct target *target,
		       struct cache_view *cache, uint64_t address)
{
	uint64_t cpu = address + value_of(target, F_CACHE_CPU);

	*cache = (struct cache_view){ .address = address, .steady = true };
	view_name(target, cache, address + value_of(target, F_CACHE_NAME),
		  target->field[F_CACHE_NAME].size);
	cache->flags = (uint32_t)target_number(target, address, F_CACHE_FLAGS);
	view_layout(target, cache, address + value_of(target, F_CACHE_LAYOUT));
	view_tunables(target, cache, cpu);
	view_nodes(target, cache, target_number(target, cpu, F_CPU_NODES), snapshot->nodes);
	view_arrays(target, cache, cpu, snapshot->slots);
}

static void view_meta(struct snapshot *snapshot, struct target *target,
		      struct cache_view *cache, uint64_t address)
{
	*cache = (struct cache_view){ .steady = true };
	view_name(target, cache, address + value_of(target, F_META_NAME),
		  target->field[F_META_NAME].size);
	view_layout(target, cache, address + value_of(target, F_META_LAYOUT));
	view_nodes(target, cache, address + value_of(target, F_META_NODES), snapshot->nodes);
}

/* ---- The list of caches --------------------------------------------------------- */

struct addresses {
	uint64_t *at;
	size_t count;
};

/* Each link must lead back to where we came from: else the list changed, or is broken. */
static bool walk_registry(struct target *target, struct addresses *list)
{
	uint64_t head = value_of(target, F_REGISTRY), before = head;
	uint64_t link = target_number(target, head, F_LIST_NEXT);

	for (list->count = 0; list->count < CACHES_MAX; list->count++) {
		if (link == head)
			return true;
		if (link == 0 || target_number(target, link, F_LIST_PREV) != before)
			return false;
		list->at[list->count] = link - value_of(target, F_CACHE_LIST);
		before = link;
		link = target_number(target, link, F_LIST_NEXT);
	}
	return false;
}

static bool find_caches(struct snapshot *snapshot, struct target *target, struct addresses *list)
{
	bool whole = false;

	list->count = 0;
	list->at = calloc(CACHES_MAX, sizeof(*list->at));
	if (list->at == NULL)
		return false;
	for (int i = 0; i < LIST_TRIES && !whole && !target->gone; i++)
		whole = walk_registry(target, list);
	snapshot->list_damaged = !whole;
	return true;
}

static uint32_t meta_count(const struct target *target)
{
	uint64_t count = value_of(target, F_META_KINDS);

	return count <= 64 ? (uint32_t)count : 0;
}

/* In the order of slabinfo_read: by age, then the allocator's own backwards. */
static bool view_caches(struct snapshot *snapshot, struct target *target)
{
	struct addresses list;
	uint32_t metas = meta_count(target);

	if (!find_caches(snapshot, target, &list))
		return false;
	snapshot->caches = calloc(list.count + metas, sizeof(*snapshot->caches));
	for (size_t i = 0; i < list.count && snapshot->caches != NULL; i++)
		view_cache(snapshot, target, &snapshot->caches[snapshot->caches_count++],
			   list.at[i]);
	while (metas-- > 0 && snapshot->caches != NULL)
		view_meta(snapshot, target, &snapshot->caches[snapshot->caches_count++],
			  value_of(target, F_META_CACHES) + metas * target->field[F_META].size);
	free(list.at);
	return snapshot->caches != NULL;
}

/* ---- The whole ------------------------------------------------------------------- */

static void view_counters(struct snapshot *snapshot, struct target *target)
{
	snapshot->slabs_grown = target_variable(target, F_SLABS_GROWN);
	snapshot->slabs_released = target_variable(target, F_SLABS_RELEASED);
	snapshot->objects_reaped = target_variable(target, F_OBJECTS_REAPED);
	snapshot->reap_rounds = target_variable(target, F_REAPER_ROUNDS);
	snapshot->helper_runs = target_variable(target, F_REAPER_HELPER) ==
				value_of(target, F_HELPER_RUNS);
	for (uint32_t i = 0; i < 8 && i < target->field[F_SEQ_ABORTS].size / 8; i++)
		snapshot->sequences_aborted +=
			target_pointer(target, value_of(target, F_SEQ_ABORTS) + i * 8);
}

static void view_pages(struct snapshot *snapshot, struct target *target)
{
	for (uint32_t node = 0; node < snapshot->nodes; node++) {
		uint64_t zone = value_of(target, F_ZONES) + node * target->field[F_ZONE].size;

		snapshot->committed_bytes += target_number(target, zone, F_ZONE_COMMITTED) << 12;
		snapshot->free_bytes += target_number(target, zone, F_ZONE_FREE_PAGES) << 12;
		snapshot->dirty_bytes += target_number(target, zone, F_ZONE_DIRTY_PAGES) << 12;
	}
}

static void view_machine(struct snapshot *snapshot, struct target *target)
{
	uint64_t topology = value_of(target, F_TOPOLOGY);

	snapshot->nodes = (uint32_t)target_number(target, topology, F_TOPOLOGY_NODES);
	snapshot->slots = (uint32_t)target_number(target, topology, F_TOPOLOGY_SLOTS);
	snapshot->cpus_online = (uint32_t)target_number(target, topology, F_TOPOLOGY_CPUS);
	if (snapshot->nodes > NODES_MAX || snapshot->slots > SLOTS_MAX) {
		snapshot->nodes = snapshot->slots = 0;
		snapshot->list_damaged = true;
	}
	snapshot->zones = target->field[F_ZONES_COUNT].known ?
			  (uint32_t)target_variable(target, F_ZONES_COUNT) : snapshot->nodes;
	if (snapshot->zones < snapshot->nodes || snapshot->zones > ZONES_MAX)
		snapshot->zones = snapshot->nodes;
}

static void count_oddities(struct snapshot *snapshot)
{
	for (size_t i = 0; i < snapshot->caches_count; i++) {
		snapshot->damaged += snapshot->caches[i].damaged;
		snapshot->unsteady += !snapshot->caches[i].damaged && !snapshot->caches[i].steady;
	}
}

bool snapshot_take(struct snapshot *snapshot, struct target *target)
{
	struct timespec now = { 0 };

	*snapshot = (struct snapshot){ 0 };
	if (target->pid != 0)
		clock_gettime(CLOCK_REALTIME, &now);
	snapshot->seconds = (double)now.tv_sec + (double)now.tv_nsec / 1e9;
	if (target_variable(target, F_BOOTED) != 0) {
		view_machine(snapshot, target);
		view_counters(snapshot, target);
		view_pages(snapshot, target);
		if (!snapshot->list_damaged && !view_caches(snapshot, target)) {
			say("out of memory for a picture of %s", target->name);
			snapshot_free(snapshot);
			return false;
		}
	}
	if (target_lost(target)) {
		snapshot_free(snapshot);
		return false;
	}
	count_oddities(snapshot);
	return true;
}

void snapshot_free(struct snapshot *snapshot)
{
	for (size_t i = 0; i < snapshot->caches_count; i++) {
		free(snapshot->caches[i].nodes);
		free(snapshot->caches[i].arrays);
	}
	free(snapshot->caches);
	groups_free(snapshot);
	*snapshot = (struct snapshot){ 0 };
}

int snapshot_complain(const struct snapshot *snapshot, const struct target *target)
{
	if (target->is_cut)
		say("%s: the core is cut short; what is missing is not told", target->name);
	if (snapshot->list_damaged)
		say("%s: the list of caches is damaged after %zu caches", target->name,
		    snapshot->caches_count);
	if (snapshot->damaged != 0)
		say("%s: %u of its caches contradict themselves or are unreadable", target->name,
		    snapshot->damaged);
	if (snapshot->unsteady != 0)
		say("%s: %u of its caches %s; their numbers may not fit together", target->name,
		    snapshot->unsteady, target->pid != 0 ? "changed while they were read" :
		    "were being changed when the core was made");
	return target->is_cut || snapshot->list_damaged || snapshot->damaged != 0;
}

const struct cache_view *snapshot_find(const struct snapshot *snapshot,
				       const struct target *target, const char *name)
{
	const struct cache_view *newest = NULL;
	size_t count = 0;

	for (size_t i = 0; i < snapshot->caches_count; i++)
		if (strcmp(snapshot->caches[i].name, name) == 0 && count++ == 0)
			newest = &snapshot->caches[i];
	if (count == 0)
		say("%s has no cache \"%s\"", target->name, name);
	if (count > 1)
		say("%s has %zu caches that are shown as \"%s\"; this is about the newest",
		    target->name, count, name);
	return newest;
}

const struct cache_view *snapshot_same(const struct snapshot *snapshot, uint64_t layout,
				       const char *name)
{
	for (size_t i = 0; i < snapshot->caches_count; i++)
		if (snapshot->caches[i].layout == layout &&
		    strcmp(snapshot->caches[i].name, name) == 0)
			return &snapshot->caches[i];
	return NULL;
}

const struct cache_view *snapshot_of_layout(const struct snapshot *snapshot, uint64_t layout)
{
	for (size_t i = 0; i < snapshot->caches_count; i++)
		if (snapshot->caches[i].layout == layout)
			return &snapshot->caches[i];
	return NULL;
}

/*
 * json.c: a snapshot as JSON. Keys stay; new ones may come.
 */
#include <errno.h>
#include <string.h>

#include "../say.h"
#include "forms.h"
#include "groups.h"

static void set(json_t *object, const char *key, uint64_t number)
{
	json_object_set_new(object, key, json_integer((json_int_t)number));
}

static json_t *nodes_json(const struct cache_view *cache, uint32_t nodes)
{
	json_t *array = json_array();

	for (uint32_t i = 0; i < nodes && cache->nodes != NULL; i++) {
		const struct node_view *node = &cache->nodes[i];
		json_t *object = json_object();

		set(object, "num_slabs", node->total_slabs);
		set(object, "free_slabs", node->free_slabs);
		set(object, "free_objs", node->free_objects);
		set(object, "sharedavail", node->shared_avail);
		set(object, "alienavail", node->alien_avail);
		json_array_append_new(array, object);
	}
	return array;
}

static json_t *arrays_json(const struct cache_view *cache)
{
	json_t *array = json_array();

	for (size_t i = 0; i < cache->arrays_count; i++) {
		json_t *object = json_object();

		set(object, "cpu", cache->arrays[i].slot);
		set(object, "avail", cache->arrays[i].avail);
		set(object, "limit", cache->arrays[i].limit);
		json_object_set_new(object, "idle", json_boolean(cache->arrays[i].idle));
		json_array_append_new(array, object);
	}
	return array;
}

static void set_geometry(json_t *object, const struct cache_view *cache)
{
	set(object, "flags", cache->flags);
	set(object, "object_size_bytes", cache->object_size);
	set(object, "objsize", cache->size);
	set(object, "objperslab", cache->num);
	set(object, "pagesperslab", UINT64_C(1) << cache->order);
	set(object, "align_bytes", cache->align);
	set(object, "colours", cache->colour);
	set(object, "limit", cache->limit);
	set(object, "batchcount", cache->batchcount);
	set(object, "sharedfactor", cache->shared);
}

static void set_counts(json_t *object, const struct cache_view *cache)
{
	set(object, "active_objs", cache->active_objects);
	set(object, "num_objs", cache->objects);
	set(object, "active_slabs", cache->active_slabs);
	set(object, "num_slabs", cache->slabs);
	set(object, "sharedavail", cache->in_shared);
	set(object, "alienavail", cache->in_alien);
	set(object, "cpuavail", cache->in_cpu_arrays);
	set(object, "live_objs", cache_live(cache));
	set(object, "memory_bytes", cache_bytes(cache));
	set(object, "alloc_refills", cache->refills);
	set(object, "free_flushes", cache->flushes);
	set(object, "hits_at_least", cache->hits);
}

/* Only of a cache whose misses were timed. */
static json_t *times_json(const struct cache_view *cache)
{
	static const char *const kinds[MISS_KINDS] = { "alloc", "free" };
	json_t *object = json_object();

	for (int kind = 0; kind < MISS_KINDS; kind++) {
		json_t *buckets = json_array();

		for (int i = 0; i < MISS_BUCKETS; i++)
			json_array_append_new(buckets, json_integer((json_int_t)cache->took[kind][i]));
		json_object_set_new(object, kinds[kind], buckets);
	}
	return object;
}

static json_t *cache_json(const struct cache_view *cache, uint32_t nodes)
{
	json_t *object = json_object();

	json_object_set_new(object, "name", json_string(cache->name));
	json_object_set_new(object, "internal", json_boolean(cache->address == 0));
	set_geometry(object, cache);
	set_counts(object, cache);
	json_object_set_new(object, "steady", json_boolean(cache->steady));
	json_object_set_new(object, "damaged", json_boolean(cache->damaged));
	json_object_set_new(object, "nodes", nodes_json(cache, nodes));
	json_object_set_new(object, "cpus", arrays_json(cache));
	if (cache->timed)
		json_object_set_new(object, "misses_by_log2_ns", times_json(cache));
	return object;
}

static void set_totals(json_t *object, const struct snapshot *snapshot)
{
	set(object, "nodes", snapshot->nodes);
	set(object, "cpus_online", snapshot->cpus_online);
	set(object, "slabs_grown", snapshot->slabs_grown);
	set(object, "slabs_released", snapshot->slabs_released);
	set(object, "objects_reaped", snapshot->objects_reaped);
	set(object, "sequences_aborted", snapshot->sequences_aborted);
	set(object, "reap_rounds", snapshot->reap_rounds);
	set(object, "pages_committed_bytes", snapshot->committed_bytes);
	set(object, "pages_free_bytes", snapshot->free_bytes);
	set(object, "pages_dirty_bytes", snapshot->dirty_bytes);
}

json_t *snapshot_json(const struct snapshot *snapshot, const struct target *target)
{
	json_t *object = json_object(), *caches = json_array();

	json_object_set_new(object, "target", json_string(target->name));
	json_object_set_new(object, "ukmem", json_string(target->library));
	json_object_set_new(object, "time_seconds", json_real(snapshot->seconds));
	json_object_set_new(object, "steady", json_boolean(snapshot->unsteady == 0));
	json_object_set_new(object, "damaged", json_boolean(snapshot->damaged != 0 ||
							     snapshot->list_damaged));
	json_object_set_new(object, "helper_runs", json_boolean(snapshot->helper_runs));
	set_totals(object, snapshot);
	for (size_t i = 0; i < snapshot->caches_count; i++)
		json_array_append_new(caches, cache_json(&snapshot->caches[i], snapshot->nodes));
	json_object_set_new(object, "caches", caches);
	if (snapshot->groups != NULL)
		json_object_set_new(object, "groups", groups_json(snapshot));
	return object;
}

bool print_json(FILE *to, json_t *json)
{
	bool written = json != NULL && json_dumpf(json, to, JSON_INDENT(1)) == 0 &&
		       fputc('\n', to) != EOF;

	if (json == NULL)
		say("out of memory for the JSON text");
	json_decref(json);
	return written;
}

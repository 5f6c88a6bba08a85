/*
 * runs_json.c: every run of pages as JSON, for ukmem map and for the report's picture.
 */
#include <inttypes.h>

#include "forms.h"
#include "runs.h"

static const char *const state_names[] = {
	[RUN_FREE] = "free", [RUN_PURGING] = "purging", [RUN_TAKEN] = "taken",
	[RUN_SLAB] = "slab", [RUN_AWAY] = "away", [RUN_ODD] = "odd",
};

struct collector {
	const struct snapshot *snapshot;
	const struct cache_view *only;  /* NULL: everything */
	json_t *runs;
};

static void set_slab(json_t *object, const struct collector *collector,
		     const struct run_view *run)
{
	const struct cache_view *cache = snapshot_of_layout(collector->snapshot, run->layout);

	json_object_set_new(object, "cache", cache != NULL ? json_string(cache->name) :
			    json_null());
	json_object_set_new(object, "active_objs", json_integer(run->active));
	json_object_set_new(object, "objperslab", json_integer(cache != NULL ? cache->num : 0));
}

static bool collect(void *context, const struct run_view *run)
{
	struct collector *collector = context;
	json_t *object;
	char address[24];

	if (collector->only != NULL &&
	    (run->state != RUN_SLAB || run->layout != collector->only->layout))
		return true;
	object = json_object();
	snprintf(address, sizeof(address), "%#" PRIx64, run->address);
	json_object_set_new(object, "address", json_string(address));
	json_object_set_new(object, "pages", json_integer((json_int_t)run->pages));
	json_object_set_new(object, "state", json_string(state_names[run->state]));
	if (run->state == RUN_FREE)
		json_object_set_new(object, "dirty", json_boolean(run->dirty));
	if (run->state == RUN_SLAB)
		set_slab(object, collector, run);
	return json_array_append_new(collector->runs, object) == 0;
}

json_t *runs_json(struct target *target, const struct snapshot *snapshot,
		  const struct cache_view *only)
{
	struct collector collector = { snapshot, only, json_array() };

	runs_walk(target, snapshot, collect, &collector);
	return collector.runs;
}

/*
 * groups_print.c: groups as text, as JSON, as OpenMetrics.
 */
#include <inttypes.h>

#include "forms.h"
#include "groups.h"

#define for_each_group(group, snapshot)                                         \
	for (size_t group##_i = 1; (snapshot)->groups != NULL &&                \
	     group##_i < (snapshot)->groups->count; group##_i++)                \
		for (const struct group_view *group = &(snapshot)->groups->at[group##_i]; \
		     group != NULL && group->lives; group = NULL)

/* ---- Text ------------------------------------------------------------------------------ */

static void print_limit(FILE *to, uint64_t limit)
{
	if (limit == UINT64_MAX)
		fprintf(to, " %12s", "-");
	else
		fprintf(to, " %12" PRIu64, limit);
}

void print_groups(FILE *to, const struct snapshot *snapshot)
{
	fprintf(to, "%12s %12s %12s %9s %s\n", "USAGE", "LIMIT", "PEAK", "REFUSED", "GROUP");
	for_each_group(group, snapshot) {
		fprintf(to, "%12" PRIu64, group->usage);
		print_limit(to, group->limit);
		fprintf(to, " %12" PRIu64 " %9" PRIu64 " %s\n", group->peak, group->refusals,
			group->path);
		for (size_t c = 0; c < snapshot->caches_count; c++)
			if (group->objects[c] != 0)
				fprintf(to, "%12" PRIu64 " %38" PRIu64 " of %s\n",
					group->objects[c] * snapshot->caches[c].size,
					group->objects[c], snapshot->caches[c].name);
	}
}

/* ---- JSON ------------------------------------------------------------------------------ */

static void set(json_t *object, const char *key, uint64_t number)
{
	json_object_set_new(object, key, json_integer((json_int_t)number));
}

static json_t *caches_json(const struct snapshot *snapshot, const struct group_view *group)
{
	json_t *array = json_array();

	for (size_t c = 0; c < snapshot->caches_count; c++) {
		json_t *object;

		if (group->objects[c] == 0)
			continue;
		object = json_object();
		json_object_set_new(object, "name", json_string(snapshot->caches[c].name));
		set(object, "objs", group->objects[c]);
		set(object, "usage_bytes", group->objects[c] * snapshot->caches[c].size);
		json_array_append_new(array, object);
	}
	return array;
}

static json_t *group_json(const struct snapshot *snapshot, const struct group_view *group)
{
	json_t *object = json_object();

	json_object_set_new(object, "name", json_string(group->path));
	json_object_set_new(object, "parent", group->parent == 0 ? json_null() :
			    json_string(snapshot->groups->at[group->parent].path));
	json_object_set_new(object, "limit_bytes", group->limit == UINT64_MAX ? json_null() :
			    json_integer((json_int_t)group->limit));
	set(object, "usage_bytes", group->usage);
	set(object, "counted_bytes", group->counted);
	set(object, "peak_bytes", group->peak);
	set(object, "refusals", group->refusals);
	json_object_set_new(object, "caches", caches_json(snapshot, group));
	return object;
}

json_t *groups_json(const struct snapshot *snapshot)
{
	json_t *array = json_array();

	for_each_group(group, snapshot)
		json_array_append_new(array, group_json(snapshot, group));
	return array;
}

/* ---- OpenMetrics -------------------------------------------------------------------------- */

static void print_family(FILE *to, const struct snapshot *snapshot, const char *name,
			 const char *suffix, uint64_t (*value)(const struct group_view *group))
{
	for_each_group(group, snapshot) {
		if (value(group) == UINT64_MAX)
			continue;
		fprintf(to, "%s%s{group=\"", name, suffix);
		print_label(to, group->path);
		fprintf(to, "\"} %" PRIu64 "\n", value(group));
	}
}

static uint64_t usage(const struct group_view *group) { return group->usage; }
static uint64_t limit(const struct group_view *group) { return group->limit; }
static uint64_t refusals(const struct group_view *group) { return group->refusals; }

static void print_cells(FILE *to, const struct snapshot *snapshot)
{
	for_each_group(group, snapshot)
		for (size_t c = 0; c < snapshot->caches_count; c++) {
			if (group->objects[c] == 0)
				continue;
			fputs("ukmem_group_cache_usage_bytes{group=\"", to);
			print_label(to, group->path);
			fputs("\",cache=\"", to);
			print_cache_label(to, snapshot, c);
			fprintf(to, "\"} %" PRIu64 "\n",
				group->objects[c] * snapshot->caches[c].size);
		}
}

void print_groups_openmetrics(FILE *to, const struct snapshot *snapshot)
{
	if (snapshot->groups == NULL)
		return;
	print_head(to, "ukmem_group_usage_bytes", "gauge", "bytes",
		   "Bytes of objects that are charged to a group and those below.");
	print_family(to, snapshot, "ukmem_group_usage_bytes", "", usage);
	print_head(to, "ukmem_group_limit_bytes", "gauge", "bytes", "The limit, where there is one.");
	print_family(to, snapshot, "ukmem_group_limit_bytes", "", limit);
	print_head(to, "ukmem_group_refusals", "counter", NULL,
		   "Allocations that failed because a group was full.");
	print_family(to, snapshot, "ukmem_group_refusals", "_total", refusals);
	print_head(to, "ukmem_group_cache_usage_bytes", "gauge", "bytes",
		   "Bytes of a cache's objects that are charged to a group itself.");
	print_cells(to, snapshot);
}

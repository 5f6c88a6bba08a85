/*
 * groups.c: see groups.h.
 */
#include "groups.h"

#include <stdlib.h>
#include <string.h>

#include "../say.h"
#include "runs.h"

enum { NUMBERS_MAX = 65536, DEPTH_MAX = 64, NAME_MAX_BYTES = 256 };

/* ---- The groups ----------------------------------------------------------------------- */

/* Text from the target: nothing a terminal, or a path, obeys. */
static void read_name(struct target *target, uint64_t group, char *name)
{
	size_t bytes = target->field[F_GROUP_NAME].size;

	memset(name, 0, NAME_MAX_BYTES);
	if (bytes >= NAME_MAX_BYTES ||
	    !target_read(target, group + value_of(target, F_GROUP_NAME), name, bytes))
		strcpy(name, "?");
	for (char *at = name; *at != '\0'; at++)
		if (*at < ' ' || *at > '~' || *at == '/')
			*at = '?';
}

static bool is_destroyed(struct target *target, uint64_t group)
{
	return target_number(target, group, F_GROUP_DESTROYED) != 0;
}

/* The nearest that lives, from @group up; 0: none. */
static uint64_t living(struct target *target, uint64_t group)
{
	for (int i = 0; i < DEPTH_MAX && group != 0 && is_destroyed(target, group); i++)
		group = target_number(target, group, F_GROUP_PARENT);
	return group;
}

static uint32_t number_of(struct target *target, const struct groups *groups, uint64_t group)
{
	uint64_t number = group != 0 ? target_number(target, group, F_GROUP_NUMBER) : 0;

	return number < groups->count ? (uint32_t)number : 0;
}

static void view_group(struct target *target, struct groups *groups, struct group_view *view,
		       uint64_t group)
{
	view->limit = target_number(target, group, F_GROUP_LIMIT);
	if (view->limit >= INT64_MAX / 2)
		view->limit = UINT64_MAX;
	view->counted = target_number(target, group, F_GROUP_USAGE);
	view->peak = target_number(target, group, F_GROUP_PEAK);
	view->refusals = target_number(target, group, F_GROUP_REFUSALS);
	view->lives = target_number(target, group, F_GROUP_PINS) != 0 &&
		      !is_destroyed(target, group);
	view->parent = number_of(target, groups, living(target,
			target_number(target, group, F_GROUP_PARENT)));
	read_name(target, group, view->path);
}

/* "name" becomes "parent's path/name", parents first; what is too long is cut. */
static void make_path(struct groups *groups, struct group_view *view, int depth)
{
	struct group_view *parent = view->parent != 0 ? &groups->at[view->parent] : NULL;
	char name[NAME_MAX_BYTES];

	if (parent == NULL || depth == DEPTH_MAX || strchr(view->path, '/') != NULL)
		return;
	make_path(groups, parent, depth + 1);
	memcpy(name, view->path, sizeof(name));
	snprintf(view->path, sizeof(view->path), "%.*s/%s",
		 (int)(sizeof(view->path) - sizeof(name) - 2), parent->path, name);
}

/* A group with a parent has a slash by now, one without has none: no path is made twice. */
static void number_namesakes(struct groups *groups)
{
	for (size_t i = 1; i < groups->count; i++) {
		unsigned same = 1;

		for (size_t j = 1; j < i && groups->at[i].lives; j++)
			same += groups->at[j].lives &&
				strcmp(groups->at[j].path, groups->at[i].path) == 0;
		if (same > 1) {
			size_t length = strlen(groups->at[i].path);

			snprintf(groups->at[i].path + length, sizeof(groups->at[i].path) - length,
				 "#%u", same);
		}
	}
}

/* ---- What is charged to them ------------------------------------------------------------ */

struct survey {
	struct target *target;
	const struct snapshot *snapshot;
	struct groups *groups;
	struct {
		uint64_t base, owners;
	} zones[ZONES_MAX];
	uint32_t *payer;               /* [groups->count]: by number, who lives */
};

static void count_slab(struct survey *survey, const struct cache_view *cache, uint64_t vector)
{
	static uint16_t numbers[OBJECTS_MAX];
	size_t index = (size_t)(cache - survey->snapshot->caches);

	if (cache->num > OBJECTS_MAX ||
	    !target_read(survey->target, vector, numbers, cache->num * sizeof(*numbers)))
		return;
	for (uint32_t i = 0; i < cache->num; i++) {
		uint32_t payer = numbers[i] < survey->groups->count ? survey->payer[numbers[i]] : 0;

		if (payer != 0)
			survey->groups->at[payer].objects[index]++;
	}
}

static bool visit(void *context, const struct run_view *run)
{
	struct survey *survey = context;
	const struct cache_view *cache;
	uint64_t vector;

	if (run->state != RUN_SLAB || run->zone >= ZONES_MAX || survey->zones[run->zone].owners == 0)
		return true;
	cache = snapshot_of_layout(survey->snapshot, run->layout);
	if (cache == NULL)
		return true;
	vector = target_pointer(survey->target, survey->zones[run->zone].owners +
				((run->address - survey->zones[run->zone].base) >> 12) * 8);
	if (vector != 0)
		count_slab(survey, cache, vector);
	return true;
}

static void view_zones(struct survey *survey)
{
	struct target *target = survey->target;

	for (uint32_t i = 0; i < ZONES_MAX && i < survey->snapshot->zones; i++) {
		uint64_t at = value_of(target, F_ZONES) + i * (uint64_t)target->field[F_ZONE].size;

		survey->zones[i].base = target_number(target, at, F_ZONE_BASE);
		survey->zones[i].owners = target_number(target, at, F_ZONE_OWNERS);
	}
}

/* An object counts for its payer and for all above. */
static void sum_usage(const struct snapshot *snapshot, struct groups *groups)
{
	for (size_t i = 1; i < groups->count; i++) {
		uint64_t bytes = 0;

		for (size_t c = 0; c < snapshot->caches_count && groups->at[i].objects != NULL; c++)
			bytes += groups->at[i].objects[c] * snapshot->caches[c].size;
		for (uint32_t at = (uint32_t)i, depth = 0; at != 0 && depth < DEPTH_MAX; depth++) {
			groups->at[at].usage += bytes;
			at = groups->at[at].parent;
		}
	}
}

/* ---- All ------------------------------------------------------------------------------------ */

/* @table: where each number's group is; 0: nobody had it yet. */
static bool view_all(struct survey *survey, const uint64_t *table)
{
	struct groups *groups = survey->groups;
	struct target *target = survey->target;

	for (size_t i = 1; i < groups->count; i++) {
		struct group_view *view = &groups->at[i];

		view_group(target, groups, view, table[i]);
		survey->payer[i] = number_of(target, groups, living(target, table[i]));
		view->objects = calloc(survey->snapshot->caches_count + 1, sizeof(*view->objects));
		if (view->objects == NULL)
			return false;
	}
	for (size_t i = 1; i < groups->count; i++)
		make_path(groups, &groups->at[i], 0);
	number_namesakes(groups);
	view_zones(survey);
	runs_walk(target, survey->snapshot, visit, survey);
	sum_usage(survey->snapshot, groups);
	return true;
}

/* Numbers are given from 1 up. */
static size_t count_numbers(const uint64_t *table, size_t entries)
{
	size_t count = 1;

	while (count < entries && table[count] != 0)
		count++;
	return count;
}

static bool survey_groups(struct snapshot *snapshot, struct target *target,
			  const uint64_t *table, size_t entries)
{
	struct survey survey = { .target = target, .snapshot = snapshot };
	size_t count = count_numbers(table, entries);
	bool good;

	if (count == 1)
		return true;
	survey.payer = calloc(count, sizeof(*survey.payer));
	survey.groups = snapshot->groups = calloc(1, sizeof(*snapshot->groups));
	good = survey.payer != NULL && survey.groups != NULL &&
	       (survey.groups->at = calloc(count, sizeof(*survey.groups->at))) != NULL;
	if (good) {
		survey.groups->count = count;
		good = view_all(&survey, table);
	}
	free(survey.payer);
	return good;
}

bool groups_take(struct snapshot *snapshot, struct target *target)
{
	size_t entries = target->field[F_GROUPS].known ? target->field[F_GROUPS].size / 8 : 0;
	uint64_t *table;
	bool good;

	if (entries == 0 || entries > NUMBERS_MAX)
		return true;
	table = calloc(entries, sizeof(*table));
	good = table != NULL;
	if (good && target_read(target, value_of(target, F_GROUPS), table, entries * sizeof(*table)))
		good = survey_groups(snapshot, target, table, entries);
	free(table);
	if (!good)
		say("out of memory for the groups of %s", target->name);
	return good;
}

void groups_free(struct snapshot *snapshot)
{
	struct groups *groups = snapshot->groups;

	for (size_t i = 1; groups != NULL && i < groups->count; i++)
		free(groups->at[i].objects);
	if (groups != NULL)
		free(groups->at);
	free(groups);
	snapshot->groups = NULL;
}

/*
 * lost.c: see lost.h.
 */
#include "lost.h"

#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "../say.h"

/* ---- Grouping ------------------------------------------------------------------------- */

static int by_cache_and_stack(const void *a, const void *b)
{
	const struct lost_group *left = a, *right = b;
	int names = strcmp(left->cache, right->cache);

	if (names != 0)
		return names;
	if (left->stack != right->stack)
		return left->stack < right->stack ? -1 : 1;
	return left->example < right->example ? -1 : left->example > right->example;
}

static int by_bytes(const void *a, const void *b)
{
	const struct lost_group *left = a, *right = b;

	if (left->bytes != right->bytes)
		return left->bytes > right->bytes ? -1 : 1;
	return by_cache_and_stack(a, b);
}

static uint32_t stack_of(struct reach *reach, const struct block *block, uint64_t index)
{
	struct owner_tables tables;
	struct owner_view owner;

	if (block->cache == NULL)
		return 0;
	tables = owner_tables_of(reach->target, block->cache);
	if (!tables.tracked ||
	    !owner_read(reach->target, &tables, block->slab, (uint32_t)index, &owner))
		return 0;
	return owner.allocated.stack;
}

/* Each lost object as a group of its own. */
static void list_lost(struct lost *lost, struct reach *reach)
{
	for (size_t i = 0; i < reach->count; i++) {
		const struct block *block = &reach->block[i];

		for (uint64_t j = 0; j < (block->end - block->start) / block->size; j++) {
			if (reach->mark[block->first + j] != MARK_LOST)
				continue;
			lost->at[lost->count++] = (struct lost_group){
				.cache = block->cache != NULL ? block->cache->name : "(pages)",
				.stack = stack_of(reach, block, j),
				.objects = 1,
				.bytes = block->object_size,
				.example = block->start + j * block->size,
			};
			lost->objects++;
			lost->bytes += block->object_size;
		}
	}
}

static void join(struct lost *lost)
{
	size_t count = 0;

	for (size_t i = 0; i < lost->count; i++) {
		struct lost_group *last = count != 0 ? &lost->at[count - 1] : NULL;
		const struct lost_group *next = &lost->at[i];

		if (last == NULL || strcmp(last->cache, next->cache) != 0 ||
		    last->stack != next->stack) {
			lost->at[count++] = *next;
			continue;
		}
		last->objects++;
		last->bytes += next->bytes;
	}
	lost->count = count;
}

static bool make_groups(struct lost *lost, struct reach *reach)
{
	lost->at = calloc(reach->live + 1, sizeof(*lost->at));
	if (lost->at == NULL)
		return false;
	list_lost(lost, reach);
	qsort(lost->at, lost->count, sizeof(*lost->at), by_cache_and_stack);
	join(lost);
	qsort(lost->at, lost->count, sizeof(*lost->at), by_bytes);
	return true;
}

/* ---- The search ------------------------------------------------------------------------ */

static bool search(struct lost *lost, struct reach *reach, struct roots *roots,
		   const struct snapshot *snapshot)
{
	if (!roots_collect(roots, reach->target))
		return false;
	reach_from(reach, roots, snapshot);
	lost->live = reach->live;
	lost->damaged = reach->damaged;
	return make_groups(lost, reach);
}

bool lost_find(struct lost *lost, struct target *target, const struct snapshot *snapshot)
{
	struct roots roots = { 0 };
	struct reach reach;
	bool found = false;

	*lost = (struct lost){ 0 };
	if (reach_collect(&reach, target, snapshot)) {
		found = search(lost, &reach, &roots, snapshot);
		roots_free(&roots);
		reach_free(&reach);
	}
	if (!found)
		say("%s: out of memory", target->name);
	if (found && target_lost(target) == 0)
		return true;
	lost_free(lost);
	return false;
}

void lost_free(struct lost *lost)
{
	free(lost->at);
	*lost = (struct lost){ 0 };
}

/* ---- JSON ---------------------------------------------------------------------------------- */

static json_t *group_json(struct target *target, const struct lost_group *group,
			  struct symbols *symbols)
{
	uint64_t frame[OWNER_FRAMES_MAX];
	size_t count = owner_stack(target, group->stack, frame);
	json_t *stack = json_array();
	char example[24];

	for (size_t i = 0; i < count; i++)
		json_array_append_new(stack, json_string(symbols_name(symbols, frame[i])));
	snprintf(example, sizeof(example), "%#" PRIx64, group->example);
	return json_pack("{s:s, s:I, s:I, s:s, s:o}", "cache", group->cache,
			 "objects", (json_int_t)group->objects, "bytes", (json_int_t)group->bytes,
			 "example", example, "stack", stack);
}

json_t *lost_json(const struct lost *lost, struct target *target)
{
	struct symbols *symbols = lost->count != 0 ? symbols_open(target) : NULL;
	json_t *list = json_array();

	for (size_t i = 0; i < lost->count; i++)
		json_array_append_new(list, group_json(target, &lost->at[i], symbols));
	symbols_close(symbols);
	return json_pack("{s:I, s:I, s:I, s:o}", "live_objects", (json_int_t)lost->live,
			 "lost_objects", (json_int_t)lost->objects,
			 "lost_bytes", (json_int_t)lost->bytes, "lost", list);
}

json_t *leaks_json(struct target *target)
{
	struct stopped stopped = { 0 };
	struct snapshot snapshot;
	struct lost lost;
	json_t *json = NULL;

	if (target->pid != 0 && !stop_process(&stopped, target->pid))
		say("process %s could not be stopped; what moved may be taken for lost",
		    target->name);
	if (snapshot_take(&snapshot, target)) {
		if (lost_find(&lost, target, &snapshot)) {
			json = lost_json(&lost, target);
			lost_free(&lost);
		}
		snapshot_free(&snapshot);
	}
	stop_end(&stopped);
	return json;
}

/*
 * groups.h: the accounting groups of a target, and what of each cache is charged to whom.
 *
 * What a destroyed group has left is its nearest living ancestor's here, as in the target.
 */
#ifndef INSPECT_GROUPS_H
#define INSPECT_GROUPS_H

#include <jansson.h>
#include <stdio.h>

#include "snapshot.h"

enum { GROUP_PATH_BYTES = 512 };

struct group_view {
	char path[GROUP_PATH_BYTES];   /* "top/mail"; the second of one path is "top/mail#2" */
	uint64_t limit;                /* UINT64_MAX: none */
	uint64_t counted, peak;        /* by its counters, the CPUs' stocks included */
	uint64_t usage;                /* bytes of objects, of it and all below */
	uint64_t refusals;
	bool lives;

	/* The library's numbers; 0: none. */
	uint32_t parent;               /* the next above that lives */
	uint64_t *objects;             /* charged to itself, by cache as in snapshot->caches */
};

struct groups {
	size_t count;                  /* numbers there are, from 1 */
	struct group_view *at;         /* [count] */
};

/* Look at them; reads every page's descriptor if there are any. False: out of memory. */
bool groups_take(struct snapshot *snapshot, struct target *target);
void groups_free(struct snapshot *snapshot);

/* A table, a JSON array, OpenMetrics families. */
void print_groups(FILE *to, const struct snapshot *snapshot);
json_t *groups_json(const struct snapshot *snapshot);
void print_groups_openmetrics(FILE *to, const struct snapshot *snapshot);

#endif

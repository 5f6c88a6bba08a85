/*
 * forms.h: a snapshot as text, for people and for programs.
 */
#ifndef INSPECT_FORMS_H
#define INSPECT_FORMS_H

#include <jansson.h>
#include <stdio.h>

#include "snapshot.h"

/* slabinfo - version: 2.1, as the target's own slabinfo_read prints it. */
void print_slabinfo(FILE *to, const struct snapshot *snapshot);

/* The OpenMetrics text format, down to # EOF. */
void print_openmetrics(FILE *to, const struct snapshot *snapshot);

/* Its parts: a family's first lines, a label's value, a cache's name as one. */
void print_head(FILE *to, const char *name, const char *type, const char *unit,
		const char *help);
void print_label(FILE *to, const char *value);
void print_cache_label(FILE *to, const struct snapshot *snapshot, size_t index);

/* One object; keys are told in ukmem-stat(1). NULL when out of memory. */
json_t *snapshot_json(const struct snapshot *snapshot, const struct target *target);

/* Every run of pages, or only the slabs of @only; "odd" are descriptors without sense. */
json_t *runs_json(struct target *target, const struct snapshot *snapshot,
		  const struct cache_view *only);

/* Write @json and give it up. False when it can't be written. */
bool print_json(FILE *to, json_t *json);

#endif

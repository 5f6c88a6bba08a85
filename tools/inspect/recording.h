/*
 * recording.h: samples of a target over time: {"ukmem_recording": 1, "samples": [...],
 * "runs": [...], "leaks": {...}}. A sample is what ukmem stat -o json prints; runs are of
 * the last, leaks what ukmem leaks -o json prints, if they were looked for.
 */
#ifndef INSPECT_RECORDING_H
#define INSPECT_RECORDING_H

#include <jansson.h>
#include <stdbool.h>

json_t *recording_new(void);

/* Both are given up. */
void recording_add(json_t *recording, json_t *sample, json_t *runs);
/* Given up, too; NULL: there is nothing to tell. */
void recording_set_leaks(json_t *recording, json_t *leaks);
bool recording_is_empty(const json_t *recording);

/* From a file; NULL after one line on stderr. */
json_t *recording_load(const char *path);

#endif

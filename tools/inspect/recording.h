/*
 * recording.h: samples of a target over time: {"ukmem_recording": 1, "samples": [...],
 * "runs": [...]}. A sample is what ukmem stat -o json prints; runs are of the last.
 */
#ifndef INSPECT_RECORDING_H
#define INSPECT_RECORDING_H

#include <jansson.h>
#include <stdbool.h>

json_t *recording_new(void);

/* Both are given up. */
void recording_add(json_t *recording, json_t *sample, json_t *runs);
bool recording_is_empty(const json_t *recording);

/* From a file; NULL after one line on stderr. */
json_t *recording_load(const char *path);

#endif

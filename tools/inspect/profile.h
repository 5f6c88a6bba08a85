/*
 * profile.h: the samples of a target (src/debug/sample.h), scaled and with names.
 */
#ifndef INSPECT_PROFILE_H
#define INSPECT_PROFILE_H

#include <stdio.h>

#include "target.h"

enum { PROFILE_FRAMES_MAX = 64, PROFILE_SITES_MAX = 1 << 20 };
enum profile_value { ALLOC_OBJECTS, ALLOC_BYTES, INUSE_OBJECTS, INUSE_BYTES, PROFILE_VALUES };

struct site_view {
	uint64_t frame[PROFILE_FRAMES_MAX];     /* return addresses, nearest first */
	uint32_t frames_count;
	double value[PROFILE_VALUES];
};

struct profile {
	struct site_view *sites;
	size_t count;
	uint64_t interval_bytes, dropped;
};

/* False after one line on stderr. */
bool profile_load(struct profile *profile, struct target *target);
void profile_free(struct profile *profile);

/* symbols.c: names of functions, by libdw. All may be asked with @symbols NULL. */
struct symbols;
struct symbols *symbols_open(const struct target *target);
void symbols_close(struct symbols *symbols);

/* Of the call that returns to @address. "?" when it is not known; good until the next call. */
const char *symbols_name(struct symbols *symbols, uint64_t address);

struct module_view {
	uint64_t start, end;
	const char *file;
};

/* Module @index of the target; false when there are no more. */
bool symbols_module(struct symbols *symbols, size_t index, struct module_view *module);

/* pprof.c: gzipped profile.proto into an open file, which is closed. False when it can't be written. */
bool pprof_write_fd(const struct profile *profile, struct symbols *symbols, int fd);

#endif

/*
 * sample.h: which call stacks hold the memory: one allocation in so many bytes.
 *
 * With heap_sample:BYTES each allocation of @size bytes is picked with the probability
 * 1 - exp(-size / BYTES), as if a die were cast for each byte. cpu/watch.h tells how that is
 * done without hits knowing of it; here are the dice, and the notes: the stack of each
 * that was picked, and that it is gone when it is freed. Who reads the table from outside
 * (ukmem profile) scales the numbers up again by the reciprocal.
 */
#ifndef DEBUG_SAMPLE_H
#define DEBUG_SAMPLE_H

#include <stdatomic.h>

#include "slab/layout.h"

enum {
	SAMPLE_FRAMES = 24,
	SAMPLE_SITES = 1 << 14,         /* stacks, each with one size */
	SAMPLE_WAYS = 8,                /* keys in a cache line */
	SAMPLE_LINES = 1 << 16,
};

struct sample_site {
	_Atomic uint32_t state;         /* 0 free, 1 being written, 2 there */
	uint32_t frames_count;
	uint64_t size;
	uintptr_t frame[SAMPLE_FRAMES];
	_Atomic uint64_t allocated, freed;      /* sampled objects */
};

struct sampler {
	uint64_t interval_bytes;
	_Atomic uint64_t dropped;       /* samples there was no room for */
	struct sample_site site[SAMPLE_SITES];
	alignas(CACHE_LINE_BYTES) _Atomic uintptr_t live[SAMPLE_LINES][SAMPLE_WAYS];
	uint32_t site_of[SAMPLE_LINES][SAMPLE_WAYS];
	_Atomic uint8_t used[SAMPLE_LINES];     /* keys of a line; most frees look no further */
};

extern struct sampler *sampler;         /* NULL: off */

/* There is memory for notes; false when it is refused. Under the registry's lock. */
bool sample_start(void);

/* A die: how many allocations of @bytes come before the next that is picked. */
int64_t sample_distance(size_t bytes);

/* @object was picked. From signal handlers too. */
void sample_note(void *object, size_t size, const void *caller);

/* @object is freed: if it was picked that is noted. */
void sample_forget(const void *object);

#endif

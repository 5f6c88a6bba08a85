/*
 * sample.h: which call stacks hold the memory: one allocation in so many bytes.
 *
 * With heap_sample:BYTES every cache without checks has these hooks, so its calls leave
 * the hit path by the door; without the option nothing here costs anything. Each
 * allocation is picked with the probability 1 - exp(-size / BYTES), as if a die were
 * cast for each byte; its stack is noted, and that it is gone when it is freed. Who
 * reads the table from outside (ukmem profile) scales the numbers up again.
 */
#ifndef DEBUG_SAMPLE_H
#define DEBUG_SAMPLE_H

#include <stdatomic.h>

#include "slab/hooks.h"

enum {
	SAMPLE_FRAMES = 24,
	SAMPLE_SITES = 1 << 14,         /* stacks, each with one size */
	SAMPLE_WAYS = 8,                /* keys in a cache line */
	SAMPLE_LINES = 1 << 14,
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
};

extern struct sampler *sampler;         /* NULL: off */

/* The hooks, with memory behind them; NULL when it is refused. Under the registry's lock. */
const struct slab_hooks *sample_hooks(void);

#endif

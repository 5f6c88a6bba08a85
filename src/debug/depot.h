/*
 * depot.h: each call stack once, under a number of 22 bits.
 *
 * A program has few different stacks that allocate, and each object remembers two. No
 * lock: records are only ever added, at the head of their hash chain. Memory comes from
 * the OS in one piece; when it is full, further stacks are number 0, not known.
 */
#ifndef DEBUG_DEPOT_H
#define DEBUG_DEPOT_H

#include "base/compiler.h"

enum { STACK_FRAMES_MAX = 16, STACK_BITS = 22 };

/* Get memory, if there is none yet. Under the registry's lock. Refused: no stacks. */
void depot_init(void);

uint32_t depot_put(const uintptr_t *frames, unsigned count);

/* Where stack number N is: at depot_memory + 8 * N. For tools; else depot_get. */
extern char *depot_memory;

struct depot_record {
	uint32_t next;                  /* in the bucket's chain; 0 ends it */
	uint32_t hash;
	uint64_t count;
	uintptr_t frames[];
};

/* The frames of stack @number. Returns how many. */
unsigned depot_get(uint32_t number, const uintptr_t **frames);

#endif

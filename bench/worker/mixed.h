/*
 * mixed.h: sizes as a real system asks for them.
 */
#ifndef BENCH_MIXED_H
#define BENCH_MIXED_H

#include <stdint.h>

enum { MIXED_SIZES = 4096 };

/* Sizes in their random, but always the same, order; and where this thread is in it. */
extern uint16_t mixed_sizes[MIXED_SIZES];
extern __thread unsigned mixed_at;

void mixed_fill(void);

static inline uint16_t mixed_next_size(void)
{
	return mixed_sizes[mixed_at++ % MIXED_SIZES];
}

#endif

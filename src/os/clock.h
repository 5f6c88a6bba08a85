/*
 * clock.h: milliseconds since some start. Monotonic: a changed wall clock moves nothing.
 */
#ifndef OS_CLOCK_H
#define OS_CLOCK_H

#include <time.h>

#include "base/compiler.h"

/* The coarse clock: a read of the vDSO, ~5 ns, 1 to 10 ms fine. */
static inline uint64_t clock_ms(void)
{
	struct timespec now;

	clock_gettime(CLOCK_MONOTONIC_COARSE, &now);
	return (uint64_t)now.tv_sec * 1000 + (uint64_t)now.tv_nsec / 1000000;
}

/* The fine clock: ~25 ns. */
static inline uint64_t clock_ns(void)
{
	struct timespec now;

	clock_gettime(CLOCK_MONOTONIC, &now);
	return (uint64_t)now.tv_sec * 1000000000 + (uint64_t)now.tv_nsec;
}

#endif

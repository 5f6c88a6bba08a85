/*
 * counter.h: an event counter that many may add to and anyone may read.
 *
 * Relaxed: a sum over counters is a moment's estimate, each counter is exact.
 */
#ifndef BASE_COUNTER_H
#define BASE_COUNTER_H

#include <stdatomic.h>

#include "base/compiler.h"

typedef _Atomic uint64_t counter_t;

static inline void counter_add(counter_t *counter, uint64_t n)
{
	atomic_fetch_add_explicit(counter, n, memory_order_relaxed);
}

static inline uint64_t counter_read(counter_t *counter)
{
	return atomic_load_explicit(counter, memory_order_relaxed);
}

#endif

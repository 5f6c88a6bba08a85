/*
 * counter.h: an event counter that many may add to and anyone may read.
 *
 * Relaxed: a sum over counters is a moment's estimate, each counter is exact.
 */
#ifndef BASE_COUNTER_H
#define BASE_COUNTER_H

#include <stdatomic.h>

#include "base/compiler.h"
#include "base/uncancelled.h"

typedef _Atomic uint64_t counter_t;

static inline void counter_add(counter_t *counter, uint64_t n)
{
	atomic_fetch_add_explicit(counter, n, memory_order_relaxed);
}

static inline uint64_t counter_read(counter_t *counter)
{
	return atomic_load_explicit(counter, memory_order_relaxed);
}

/*
 * How many threads are at something: this one is no longer. It may be 0 already, in a child that a
 * signal handler forked meanwhile and that forgot the count.
 */
static inline void leave_counted(_Atomic unsigned *threads)
{
	unsigned now = atomic_load(threads);

	while (now != 0 && !atomic_compare_exchange_weak(threads, &now, now - 1))
		;
}

/* Until none is at it, but not longer than @ms; false: some still are. */
static inline bool await_none(const _Atomic unsigned *threads, unsigned ms)
{
	for (; atomic_load(threads) != 0 && ms != 0; ms--)
		uncancelled_pause();
	return atomic_load(threads) == 0;
}

#endif

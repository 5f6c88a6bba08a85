/*
 * bits.h: rounding and powers of two.
 */
#ifndef BASE_BITS_H
#define BASE_BITS_H

#include "base/compiler.h"

static inline bool is_power_of_two(size_t n)
{
	return n != 0 && (n & (n - 1)) == 0;
}

/* @step is a power of two. */
static inline size_t align_up(size_t n, size_t step)
{
	return (n + step - 1) & ~(step - 1);
}

static inline size_t align_down(size_t n, size_t step)
{
	return n & ~(step - 1);
}

static inline size_t min_size(size_t a, size_t b)
{
	return a < b ? a : b;
}

static inline size_t max_size(size_t a, size_t b)
{
	return a > b ? a : b;
}

/* The smallest k with 2^k >= n; 0 for n <= 1. */
static inline unsigned log2_up(size_t n)
{
	return n <= 1 ? 0 : 64 - (unsigned)__builtin_clzl(n - 1);
}

/* The largest k with 2^k <= n, which is not 0. */
static inline unsigned log2_down(size_t n)
{
	return 63 - (unsigned)__builtin_clzl(n);
}

/* The smallest order whose 2^order pages hold @bytes. */
static inline unsigned order_of(size_t bytes)
{
	return log2_up((bytes + PAGE_BYTES - 1) >> PAGE_SHIFT);
}

#endif

/*
 * reciprocal.h: division by a number that is known beforehand, without dividing.
 *
 * The index of an object in its slab is its byte offset divided by the stride.
 * The stride is fixed when a cache is made, the division happens on every free,
 * and a multiplication and three shifts cost a fraction of a division. This is
 * the round-up method of Granlund and Montgomery, "Division by Invariant
 * Integers using Multiplication" (1994), figure 4.1, for 32-bit numbers:
 *
 *      l = ceil(log2(d))       m' = floor(2^32 * (2^l - d) / d) + 1
 *
 * It is exact for every 32-bit dividend and every divisor from 1 to 2^31;
 * tests/prove/reciprocal.c tries it for the strides that slabs have.
 */
#ifndef SLAB_RECIPROCAL_H
#define SLAB_RECIPROCAL_H

#include <stdint.h>

/* m, sh1 and sh2 show up in the geometry tables under these names. */
struct reciprocal {
	uint32_t m;     /* m' above; the multiplier 2^32 + m' needs 33 bits */
	uint8_t sh1;    /* min(l, 1) */
	uint8_t sh2;    /* max(l - 1, 0) */
};

/* @d is 1..2^31. Divides; for when a cache is made. */
static inline struct reciprocal reciprocal_value(uint32_t d)
{
	struct reciprocal r;
	unsigned l = 0;

	while (((uint64_t)1 << l) < d)
		l++;
	/* 2^l - d < d, so the quotient is below 2^32; + 1 never carries out. */
	r.m = (uint32_t)(((((uint64_t)1 << l) - d) << 32) / d + 1);
	r.sh1 = l > 0;
	r.sh2 = l > 0 ? (uint8_t)(l - 1) : 0;
	return r;
}

/* a / d, where @r is reciprocal_value(d). The sum cannot overflow: t <= a. */
static inline uint32_t reciprocal_divide(uint32_t a, struct reciprocal r)
{
	uint32_t t = (uint32_t)(((uint64_t)a * r.m) >> 32);

	return (t + ((a - t) >> r.sh1)) >> r.sh2;
}

#endif

/*
 * linux/overflow.h: sizes that overflow become SIZE_MAX, which no allocation serves, and
 * sums that tell whether they did. A port's own, or that of Linux's tools/include, goes first.
 */
#ifndef UKMEM_COMPAT_OVERFLOW_H
#define UKMEM_COMPAT_OVERFLOW_H

#if __has_include_next(<linux/overflow.h>)
#include_next <linux/overflow.h>
#else

#include <stddef.h>
#include <stdint.h>

#include <linux/types.h>

static inline bool __must_check __must_check_overflow(bool overflow)
{
	return overflow;
}

/* True: it did. What is left of it is in *@d anyway. */
#define check_add_overflow(a, b, d)     __must_check_overflow(__builtin_add_overflow((a), (b), (d)))
#define check_sub_overflow(a, b, d)     __must_check_overflow(__builtin_sub_overflow((a), (b), (d)))
#define check_mul_overflow(a, b, d)     __must_check_overflow(__builtin_mul_overflow((a), (b), (d)))

static inline size_t __must_check size_mul(size_t a, size_t b)
{
	size_t bytes;

	return check_mul_overflow(a, b, &bytes) ? SIZE_MAX : bytes;
}

static inline size_t __must_check size_add(size_t a, size_t b)
{
	size_t bytes;

	return check_add_overflow(a, b, &bytes) ? SIZE_MAX : bytes;
}

/* Once overflowed, always so. */
static inline size_t __must_check size_sub(size_t a, size_t b)
{
	size_t bytes;

	return a == SIZE_MAX || b == SIZE_MAX || check_sub_overflow(a, b, &bytes) ? SIZE_MAX : bytes;
}

#define array_size(n, bytes)            size_mul((n), (bytes))
#define array3_size(a, b, c)            size_mul(size_mul((a), (b)), (c))

/* Of an array at the end of *@p, and of *@p with it; @p itself is not evaluated. */
#define flex_array_size(p, member, count) size_mul((count), sizeof(*(p)->member))
#define struct_size(p, member, count)   size_add(sizeof(*(p)), flex_array_size((p), member, (count)))
#define struct_size_t(type, member, count) struct_size((type *)NULL, member, (count))

#endif
#endif

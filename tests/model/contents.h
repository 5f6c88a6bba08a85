/*
 * contents.h: what a thread of the model holds, and what it wrote there.
 */
#ifndef MODEL_CONTENTS_H
#define MODEL_CONTENTS_H

#include "harness/test.h"

enum { CTOR_BYTE = 0xc7, KMALLOC = -1 };

struct held {
	unsigned char *object;
	size_t size;
	int cache;                      /* or KMALLOC */
	uint64_t number;
};

/* Large objects: the ends and one byte in 64; all of small ones. */
static inline size_t step_at(size_t size, size_t at)
{
	return size <= 512 || at < 64 || at + 64 >= size ? 1 : 64;
}

static inline unsigned char stamp_at(uint64_t number, size_t at)
{
	return (unsigned char)(number >> (at % 8 * 8));
}

static inline void stamp(const struct held *held)
{
	for (size_t at = 0; at < held->size; at += step_at(held->size, at))
		held->object[at] = stamp_at(held->number, at);
}

static inline void check_stamp(const struct held *held, size_t size)
{
	for (size_t at = 0; at < size; at += step_at(held->size, at))
		if (held->object[at] != stamp_at(held->number, at))
			test_fail(__FILE__, __LINE__, "byte %zu of %zu at %p of %s %d was changed", at,
				  held->size, (void *)held->object,
				  held->cache == KMALLOC ? "kmalloc" : "cache", held->cache);
}

static inline void check_filled(const struct held *held, unsigned char byte)
{
	for (size_t at = 0; at < held->size; at += step_at(held->size, at))
		EXPECT_EQ(held->object[at], byte);
}

#endif

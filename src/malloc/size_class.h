/*
 * size_class.h: a size in bytes -> the kmalloc cache that serves it.
 *
 *   index   1   2   5   6   7    8    9  ...   22
 *   bytes  96 192  32  64 128  256  512  ... 4 MiB
 *
 * Indices are Linux's: the power of two, and 1 and 2 for the two odd sizes.
 */
#ifndef MALLOC_SIZE_CLASS_H
#define MALLOC_SIZE_CLASS_H

#include "base/bits.h"

enum {
	KMALLOC_INDEX_96 = 1,
	KMALLOC_INDEX_192 = 2,
	KMALLOC_SHIFT_LOW = 5,
	KMALLOC_SHIFT_HIGH = 22,
	KMALLOC_CLASSES = KMALLOC_SHIFT_HIGH + 1,
};

static inline bool kmalloc_index_exists(unsigned index)
{
	return index == KMALLOC_INDEX_96 || index == KMALLOC_INDEX_192 ||
	       (index >= KMALLOC_SHIFT_LOW && index <= KMALLOC_SHIFT_HIGH);
}

static inline unsigned kmalloc_index_bytes(unsigned index)
{
	switch (index) {
	case KMALLOC_INDEX_96:
		return 96;
	case KMALLOC_INDEX_192:
		return 192;
	default:
		return 1u << index;
	}
}

/* @size is 1 .. 4 MiB. */
static inline unsigned kmalloc_index(size_t size)
{
	if (size <= 32)
		return KMALLOC_SHIFT_LOW;
	if (size > 64 && size <= 96)
		return KMALLOC_INDEX_96;
	if (size > 128 && size <= 192)
		return KMALLOC_INDEX_192;
	return 64 - (unsigned)__builtin_clzl(size - 1);
}

/* "PREFIX-96", "PREFIX-2k", "PREFIX-4M" */
void size_class_name(char *name, size_t room, const char *prefix, unsigned bytes);

#endif

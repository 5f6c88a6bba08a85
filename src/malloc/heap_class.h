/*
 * heap_class.h: a size in bytes -> malloc's class for it.
 *
 *   class    0   1  ...  15   16   17 ...  23   24 ...  71
 *   bytes   16  32  ... 256  288  320 ... 512  576 ... 32768
 *
 * Eight steps to a doubling: above 128 bytes at most an eighth of a block is waste.
 * Each class is aligned to the largest power of two that divides its size, and to a
 * page at most; so a power of two is aligned to itself.
 */
#ifndef MALLOC_HEAP_CLASS_H
#define MALLOC_HEAP_CLASS_H

#include "base/bits.h"
#include "base/compiler.h"
#include "pages/zone.h"

enum {
	HEAP_GRAIN_SHIFT = ZONE_GRAIN_SHIFT,
	HEAP_GRAIN = 16,                /* max_align_t, and the smallest block */
	HEAP_LINEAR_MAX = 256,          /* to here by the grain, then eight steps a doubling */
	HEAP_LINEAR_CLASSES = HEAP_LINEAR_MAX / HEAP_GRAIN,
	HEAP_STEPS = 8,
	HEAP_DOUBLINGS = 7,
	HEAP_CLASSES = HEAP_LINEAR_CLASSES + HEAP_DOUBLINGS * HEAP_STEPS,
	HEAP_CLASS_MAX = HEAP_LINEAR_MAX << HEAP_DOUBLINGS,

	/* The tables the hit goes by: to SMALL_MAX by the grain, above by a coarser one. */
	HEAP_SMALL_MAX = 1024,
	HEAP_SMALL_ENTRIES = HEAP_SMALL_MAX / HEAP_GRAIN + 1,
	HEAP_COARSE_GRAIN = 128,
	HEAP_COARSE_ENTRIES = HEAP_CLASS_MAX / HEAP_COARSE_GRAIN + 1,
};

static inline unsigned heap_class_bytes(unsigned class)
{
	unsigned doubling, step;

	if (class < HEAP_LINEAR_CLASSES)
		return (class + 1) * HEAP_GRAIN;
	doubling = (class - HEAP_LINEAR_CLASSES) / HEAP_STEPS;
	step = (class - HEAP_LINEAR_CLASSES) % HEAP_STEPS;
	return (HEAP_STEPS + 1 + step) << (doubling + 5);
}

/* @size is at most HEAP_CLASS_MAX. */
static inline unsigned heap_class_of(size_t size)
{
	unsigned top, shift;

	if (size <= HEAP_LINEAR_MAX)
		return size == 0 ? 0 : (unsigned)(size - 1) / HEAP_GRAIN;
	top = 63 - (unsigned)__builtin_clzl(size - 1);  /* 8 for 257..512 */
	shift = top - 3;
	return HEAP_LINEAR_CLASSES + (top - 8) * HEAP_STEPS +
	       (unsigned)((size - 1) >> shift) - HEAP_STEPS;
}

static inline unsigned heap_class_align(unsigned class)
{
	unsigned bytes = heap_class_bytes(class), align = bytes & -bytes;

	return align < PAGE_BYTES ? align : (unsigned)PAGE_BYTES;
}

#endif

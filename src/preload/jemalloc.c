/*
 * jemalloc.c: jemalloc's own calls, for programs that are linked with it.
 *
 * They mix them with malloc's: Redis 8 gets blocks by mallocx and gives them back by free.
 * A flags word has the alignment's logarithm, a bit for zeroes, and which arena and which
 * thread's cache serves; the last two are accepted and mean nothing here.
 */
#include <string.h>

#include "malloc/heap.h"
#include "preload/preload.h"

enum { LG_ALIGN = 0x3f, ZERO = 0x40 };

static size_t align_of(int flags)
{
	return (size_t)1 << (flags & LG_ALIGN);
}

/*
 * All that may be used is cleared, not only what was asked for: when the block grows, only
 * what lies behind it will be.
 */
static void clear_behind(void *block, size_t from, const void *caller)
{
	size_t usable = heap_usable(block, caller);

	if (usable > from)
		memset((char *)block + from, 0, usable - from);
}

static void *alloc_zeroed(size_t size, size_t align, const void *caller)
{
	bool aligned = align > HEAP_GRAIN;
	void *block = aligned ? heap_aligned(align, size) : heap_calloc(1, size);

	if (block != NULL)
		clear_behind(block, aligned ? 0 : size, caller);
	return block;
}

PUBLIC HIT void *mallocx(size_t size, int flags)
{
	if (likely((flags & (LG_ALIGN | ZERO)) == 0))
		return heap_alloc(size);
	if (flags & ZERO)
		return alloc_zeroed(size, align_of(flags), __builtin_return_address(0));
	return heap_aligned(align_of(flags), size);
}

/* As realloc a block that shrinks to less than half of itself moves. */
static void *realloc_aligned(void *block, size_t size, size_t align, const void *caller)
{
	size_t usable = heap_usable(block, caller);
	void *moved;

	if ((uintptr_t)block % align == 0 && size >= usable / 2 &&
	    heap_resize_in_place(block, size, size, caller) >= size)
		return block;
	moved = heap_aligned(align, size);
	if (moved == NULL)
		return NULL;
	memcpy(moved, block, min_size(usable, size));
	heap_free(block);
	return moved;
}

PUBLIC void *rallocx(void *block, size_t size, int flags)
{
	const void *caller = __builtin_return_address(0);
	size_t before = flags & ZERO ? heap_usable(block, caller) : 0;
	void *moved;

	if (align_of(flags) <= HEAP_GRAIN)
		moved = heap_realloc(block, max_size(size, 1), caller);
	else
		moved = realloc_aligned(block, size, align_of(flags), caller);
	if (moved != NULL && flags & ZERO)
		clear_behind(moved, before, caller);
	return moved;
}

PUBLIC size_t xallocx(void *block, size_t size, size_t extra, int flags)
{
	const void *caller = __builtin_return_address(0);
	size_t before = heap_usable(block, caller), after, most;

	if (__builtin_add_overflow(size, extra, &most))
		most = size;
	after = heap_resize_in_place(block, size, most, caller);
	if (flags & ZERO)
		clear_behind(block, before, caller);
	return after;
}

PUBLIC size_t sallocx(const void *block, int flags UNUSED)
{
	return heap_usable(block, __builtin_return_address(0));
}

PUBLIC size_t nallocx(size_t size, int flags)
{
	return heap_usable_of(align_of(flags), size);
}

PUBLIC HIT void dallocx(void *block, int flags UNUSED)
{
	heap_free(block);
}

PUBLIC HIT void sdallocx(void *block, size_t size UNUSED, int flags UNUSED)
{
	heap_free(block);
}

/*
 * resize.c: realloc.
 *
 * In place as long as the block's own size serves, which it does until less than half
 * of it is used. Runs give their last pages back; mappings move page tables, not bytes.
 */
#include <errno.h>
#include <string.h>

#include "malloc/heap.h"

/* A block that shrank to less than half of its class goes to a smaller one. */
static bool stays(size_t usable, size_t size)
{
	return size <= usable && (size >= usable / 2 || usable <= 64);
}

static void *move(void *block, size_t usable, size_t size)
{
	int kept_errno = errno;
	void *moved = heap_alloc(size);

	if (moved == NULL && size <= usable) {
		errno = kept_errno;             /* a smaller one is not to be had: keep this */
		return block;
	}
	if (moved == NULL)
		return NULL;
	memcpy(moved, block, min_size(usable, size));
	heap_free(block);
	return moved;
}

static void *resize_mapping(void *block, size_t size)
{
	int kept_errno = errno;
	void *resized;

	if (size <= PAGE_BYTES << MAX_ORDER)
		return NULL;
	resized = mapping_resize(block, size);
	errno = kept_errno;
	return resized;
}

void *heap_realloc(void *block, size_t size, const void *caller)
{
	size_t usable;
	unsigned id;

	if (block == NULL)
		return heap_alloc(size);
	usable = heap_usable(block, caller);
	if (size == 0) {
		heap_free(block);
		return NULL;
	}
	if (size > PTRDIFF_MAX) {
		errno = ENOMEM;
		return NULL;
	}
	id = heap_id_of(block);
	if (id == HEAP_RUN && size > HEAP_CLASS_MAX && run_shrink(block, size))
		return block;
	if (id == HEAP_NOTHING) {
		void *resized = resize_mapping(block, size);

		if (resized != NULL)
			return resized;
	}
	if (heap_resize_checked(block, size))
		return block;
	return stays(usable, size) ? block : move(block, usable, size);
}

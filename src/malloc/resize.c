/*
 * resize.c: realloc.
 *
 * In place as long as the block's own size serves, which it does until less than half
 * of it is used. Runs give their last pages back, or take those behind if they are free;
 * mappings move page tables, not bytes.
 */
#include <errno.h>
#include <string.h>

#include "debug/sample.h"
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

/* In place, or by moving page tables; NULL: it must be copied. To samples it is a new one. */
static void *resize_large(void *block, unsigned id, size_t size, const void *caller)
{
	void *resized = block;

	if (id == HEAP_NOTHING)
		resized = resize_mapping(block, size);
	else if (size <= HEAP_CLASS_MAX || !run_resize(block, size))
		resized = NULL;
	if (resized != NULL && unlikely(sampler != NULL)) {
		sample_forget(block);
		heap_sample_large(resized, size, caller);
	}
	return resized;
}

static bool stays_and_serves(void *block, unsigned id, size_t size, const void *caller)
{
	if (id == HEAP_RUN)
		return resize_large(block, id, size, caller) != NULL;
	return heap_resize_checked(block, size);
}

size_t heap_resize_in_place(void *block, size_t least, size_t most, const void *caller)
{
	size_t usable = heap_usable(block, caller);
	unsigned id = heap_id_of(block);

	if (least > PTRDIFF_MAX)
		return usable;
	if (!stays_and_serves(block, id, min_size(most, PTRDIFF_MAX), caller))
		stays_and_serves(block, id, least, caller);
	return heap_usable(block, caller);
}

/*
 * Growing strings and vectors come this way all the time. How large the block is follows
 * from its page's byte alone; only of one that moves it is asked whether it is a block.
 */
static void *resize_in_classes(void *block, unsigned id, size_t size, const void *caller)
{
	size_t usable = heap_class_bytes(id - HEAP_CLASS_FIRST);

	if (stays(usable, size))
		return block;
	heap_check_block("realloc", block, id, caller);
	return move(block, usable, size);
}

static void *resize_otherwise(void *block, unsigned id, size_t size, const void *caller)
{
	size_t usable = heap_usable(block, caller);

	if (id == HEAP_RUN || id == HEAP_NOTHING) {
		void *resized = resize_large(block, id, size, caller);

		if (resized != NULL)
			return resized;
	}
	if ((usable != 0 && heap_resize_checked(block, size)) || stays(usable, size))
		return block;
	return move(block, usable, size);
}

void *heap_realloc(void *block, size_t size, const void *caller)
{
	unsigned id;

	if (block == NULL)
		return heap_alloc(size);
	if (size == 0) {
		heap_usable(block, caller);             /* if it is no block, that is said */
		heap_free(block);
		return NULL;
	}
	if (size > PTRDIFF_MAX) {
		errno = ENOMEM;
		return NULL;
	}
	id = heap_id_of(block);
	if (likely(heap_is_plain(block, id)))
		return resize_in_classes(block, id, size, caller);
	return resize_otherwise(block, id, size, caller);
}

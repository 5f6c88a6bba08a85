/*
 * interpose.c: the names of the C library, C23 and POSIX; no policy.
 *
 * This folder is in libukmem-malloc only. C++'s operators need no names here: those of
 * the C++ library call these, and do handlers and exceptions themselves.
 */
#include <errno.h>
#include <stdlib.h>

#include "base/check.h"
#include "malloc/heap.h"
#include "preload/preload.h"

static const char *const start __attribute__((used)) = &preload_starts;

PUBLIC HIT void *malloc(size_t size)
{
	return heap_alloc(size);
}

PUBLIC HIT void free(void *block)
{
	heap_free(block);
}

PUBLIC void *calloc(size_t count, size_t size)
{
	return heap_calloc(count, size);
}

PUBLIC void *realloc(void *block, size_t size)
{
	return heap_realloc(block, size, __builtin_return_address(0));
}

PUBLIC void *reallocarray(void *block, size_t count, size_t size)
{
	size_t bytes;

	if (__builtin_mul_overflow(count, size, &bytes)) {
		errno = ENOMEM;
		return NULL;
	}
	return heap_realloc(block, bytes, __builtin_return_address(0));
}

/* ---- Aligned ------------------------------------------------------------------------ */

/* C23: an alignment that is none is refused. */
PUBLIC void *aligned_alloc(size_t align, size_t size)
{
	if (!is_power_of_two(align)) {
		errno = EINVAL;
		return NULL;
	}
	return heap_aligned(align, size);
}

/* As in glibc an odd alignment is rounded up, and one beyond all is EINVAL. */
PUBLIC void *memalign(size_t align, size_t size)
{
	if (align > SIZE_MAX / 2 + 1) {
		errno = EINVAL;
		return NULL;
	}
	return heap_aligned(align <= 1 ? 1 : (size_t)1 << log2_up(align), size);
}

/* Tells by its result; errno is not defined then, and is ENOMEM as in glibc. */
PUBLIC int posix_memalign(void **out, size_t align, size_t size)
{
	void *block;

	if (!is_power_of_two(align) || align % sizeof(void *) != 0)
		return EINVAL;
	block = heap_aligned(align, size);
	if (block == NULL)
		return ENOMEM;
	*out = block;
	return 0;
}

PUBLIC void *valloc(size_t size)
{
	return heap_aligned(PAGE_BYTES, size);
}

PUBLIC void *pvalloc(size_t size)
{
	if (size > PTRDIFF_MAX) {
		errno = ENOMEM;
		return NULL;
	}
	return heap_aligned(PAGE_BYTES, max_size(align_up(size, PAGE_BYTES), PAGE_BYTES));
}

/* ---- C23's frees: the size is a promise that nothing here needs --------------------- */

PUBLIC void free_sized(void *block, size_t size UNUSED)
{
	heap_free(block);
}

PUBLIC void free_aligned_sized(void *block, size_t align UNUSED, size_t size UNUSED)
{
	heap_free(block);
}

PUBLIC size_t malloc_usable_size(void *block)
{
	return heap_usable(block, __builtin_return_address(0));
}

/* ---- The names by which old programs and libraries reach past a replaced malloc ----- */

#define ALSO(name, of) __asm__(".globl " #name "\n\t.set " #name ", " #of)

ALSO(__libc_malloc, malloc);
ALSO(__libc_free, free);
ALSO(__libc_calloc, calloc);
ALSO(__libc_realloc, realloc);
ALSO(__libc_memalign, memalign);
ALSO(__libc_valloc, valloc);
ALSO(__libc_pvalloc, pvalloc);
ALSO(__posix_memalign, posix_memalign);
ALSO(cfree, free);

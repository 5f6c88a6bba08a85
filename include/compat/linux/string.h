/* linux/string.h: the C library's, and copies by kmalloc. */
#ifndef UKMEM_COMPAT_STRING_H
#define UKMEM_COMPAT_STRING_H

#if __has_include_next(<linux/string.h>)
#include_next <linux/string.h>
#endif

#include <linux/slab.h>
#include <string.h>

/* A constant text needs no copy in a kernel; here it gets one, and kfree frees it. */
#define kstrdup_const(text, gfp)  ((const char *)kstrdup((text), (gfp)))
#define kfree_const(text)         kfree(text)

#define kmemdup_array(from, n, size, gfp) kmemdup((from), ukmem_flex_bytes(0, (size), (n)), (gfp))

static inline void *kvmemdup(const void *from, size_t size, gfp_t gfp)
{
	void *copy = kvmalloc(size, gfp);

	if (!ZERO_OR_NULL_PTR(copy))
		memcpy(copy, from, size);
	return copy;
}

/* @length bytes, whatever they are, and a NUL. */
static inline char *kmemdup_nul(const char *bytes, size_t length, gfp_t gfp)
{
	char *copy = bytes != NULL ? kmalloc(length + 1, gfp) : NULL;

	if (copy != NULL) {
		memcpy(copy, bytes, length);
		copy[length] = '\0';
	}
	return copy;
}

#endif

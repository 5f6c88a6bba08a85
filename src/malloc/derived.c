/*
 * derived.c: what can be said in terms of kmalloc and kfree.
 */
#include <errno.h>
#include <string.h>

#include "cache/cache.h"
#include "debug/guard.h"
#include "slab/hooks.h"

/* n * size, or more than kmalloc serves when it overflows. */
static size_t array_size(size_t n, size_t size)
{
	size_t bytes;

	return __builtin_mul_overflow(n, size, &bytes) ? SIZE_MAX : bytes;
}

PUBLIC void *kzalloc(size_t size, gfp_t gfp)
{
	return kmalloc(size, gfp | __GFP_ZERO);
}

PUBLIC void *kzalloc_node(size_t size, gfp_t gfp, int node)
{
	return kmalloc_node(size, gfp | __GFP_ZERO, node);
}

PUBLIC void *kmalloc_array(size_t n, size_t size, gfp_t gfp)
{
	return kmalloc(array_size(n, size), gfp);
}

PUBLIC void *kcalloc(size_t n, size_t size, gfp_t gfp)
{
	return kmalloc(array_size(n, size), gfp | __GFP_ZERO);
}

PUBLIC void *krealloc_array(void *object, size_t n, size_t size, gfp_t gfp)
{
	return krealloc(object, array_size(n, size), gfp);
}

/* An object with checks notes its new size: its zone begins there. */
static bool stays(const void *object, size_t old, size_t size)
{
	const struct slab_layout *layout;
	const struct slab_hooks *hooks;

	if (old == 0)
		return false;
	if (guard_owns(object))
		return size <= old;
	layout = virt_to_head_page(object)->layout;
	hooks = hooks_of(layout);
	return hooks != NULL ? hooks->resize(layout, (void *)object, size) : size <= old;
}

/* It moves only when it must: what fits in the object's slot stays. */
PUBLIC void *krealloc(const void *object, size_t size, gfp_t gfp)
{
	size_t old = ksize(object);
	void *moved;

	if (size == 0) {
		kfree(object);
		return ZERO_SIZE_PTR;
	}
	if (stays(object, old, size)) {
		if ((gfp & __GFP_ZERO) && size > old)
			memset((char *)object + old, 0, size - old);
		return (void *)object;
	}
	moved = kmalloc(size, gfp);
	if (moved == NULL)
		return NULL;
	if (old != 0)
		memcpy(moved, object, old);
	kfree(object);
	return moved;
}

PUBLIC void *kmemdup(const void *from, size_t size, gfp_t gfp)
{
	void *copy = kmalloc(size, gfp);

	if (copy != NULL && size != 0)
		memcpy(copy, from, size);
	return copy;
}

PUBLIC char *kstrdup(const char *from, gfp_t gfp)
{
	return from != NULL ? kmemdup(from, strlen(from) + 1, gfp) : NULL;
}

PUBLIC char *kstrndup(const char *from, size_t max, gfp_t gfp)
{
	size_t length;
	char *copy;

	if (from == NULL)
		return NULL;
	length = strnlen(from, max);
	copy = kmalloc(length + 1, gfp);
	if (copy == NULL)
		return NULL;
	memcpy(copy, from, length);
	copy[length] = '\0';
	return copy;
}

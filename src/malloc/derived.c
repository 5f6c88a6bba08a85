/*
 * derived.c: what can be said in terms of kmalloc and kfree.
 */
#include <errno.h>
#include <string.h>

#include "base/bits.h"
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

	if (guard_owns(object))
		return size <= old;
	layout = virt_to_head_page(object)->layout;
	hooks = hooks_of(layout);
	return hooks != NULL ? hooks->resize(layout, (void *)object, size) : size <= old;
}

/* A power of two is aligned to itself, all other classes to the smallest. */
size_t kmalloc_aligned_size(size_t size, size_t align)
{
	if (align <= KMALLOC_MIN_SIZE || size == 0 || size > KMALLOC_MAX_SIZE)
		return size;
	return max_size(align, (size_t)1 << log2_up(size));
}

/* Is it where it should be? A node only counts for who insists. */
static bool lies_well(const void *object, size_t align, gfp_t gfp, int node)
{
	if (align > 1 && (size_t)object % align != 0)
		return false;
	return node == NUMA_NO_NODE || !(gfp & __GFP_THISNODE) || guard_owns(object) ||
	       page_node(virt_to_head_page(object)) == (unsigned)node;
}

/*
 * It moves only when it must: what fits in the object's slot stays. Who always asks with
 * __GFP_ZERO finds zeroes where he was not before, so what is left over is cleared, too.
 */
PUBLIC void *krealloc_node_align(const void *object, size_t size, size_t align, gfp_t gfp, int node)
{
	size_t old = ksize(object), kept;
	void *moved;

	if (size == 0) {
		kfree(object);
		return ZERO_SIZE_PTR;
	}
	if (old != 0 && lies_well(object, align, gfp, node) && stays(object, old, size)) {
		kept = min_size(old, size);
		if (gfp & __GFP_ZERO)
			memset((char *)object + kept, 0, ksize(object) - kept);
		return (void *)object;
	}
	moved = kmalloc_node(kmalloc_aligned_size(size, align), gfp, node);
	if (moved == NULL)
		return NULL;
	if (old != 0)
		memcpy(moved, object, min_size(old, size));
	kfree(object);
	return moved;
}

PUBLIC void *krealloc(const void *object, size_t size, gfp_t gfp)
{
	return krealloc_node_align(object, size, 1, gfp, NUMA_NO_NODE);
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

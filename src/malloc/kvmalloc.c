/*
 * kvmalloc.c: kmalloc as far as it goes, then a mapping of its own (vmalloc.c).
 */
#include <errno.h>
#include <string.h>

#include "account/group.h"
#include "base/bits.h"
#include "cache/cache.h"
#include "debug/guard.h"
#include "malloc/vmalloc.h"

/* May a mapping stand in for kmalloc? It is charged to nobody, and has no source's pages. */
static bool may_be_mapped(gfp_t gfp)
{
	return (gfp & __GFP_DMA) == 0 && ((gfp & __GFP_ACCOUNT) == 0 || group_entered == NULL);
}

gfp_t gfp_unless_mapped(gfp_t gfp)
{
	return may_be_mapped(gfp) ? gfp & ~__GFP_NOFAIL : gfp;
}

static bool is_final(const void *object, gfp_t gfp)
{
	return object != NULL || errno == EINVAL || !may_be_mapped(gfp);
}

void *object_or_mapping(void *object, size_t size, gfp_t gfp)
{
	return is_final(object, gfp) ? object : vmalloc_map(size, gfp);
}

PUBLIC void *kvmalloc_node(size_t size, gfp_t gfp, int node)
{
	if (size <= KMALLOC_MAX_SIZE)
		return object_or_mapping(kmalloc_node(size, gfp_unless_mapped(gfp), node), size, gfp);
	if (vmalloc_node_is_wrong(node, gfp)) {
		errno = EINVAL;
		return NULL;
	}
	return vmalloc_map(size, gfp);
}

PUBLIC void *kvmalloc(size_t size, gfp_t gfp)
{
	return kvmalloc_node(size, gfp, NUMA_NO_NODE);
}

PUBLIC void *kvzalloc(size_t size, gfp_t gfp)
{
	return kvmalloc_node(size, gfp | __GFP_ZERO, NUMA_NO_NODE);
}

PUBLIC void *kvmalloc_array(size_t n, size_t size, gfp_t gfp)
{
	size_t bytes;

	return kvmalloc(__builtin_mul_overflow(n, size, &bytes) ? SIZE_MAX : bytes, gfp);
}

PUBLIC void *kvcalloc(size_t n, size_t size, gfp_t gfp)
{
	return kvmalloc_array(n, size, gfp | __GFP_ZERO);
}

static bool is_mapping(const void *object)
{
	return !ZERO_OR_NULL_PTR(object) && zone_of(object) == NULL && !guard_owns(object);
}

PUBLIC void kvfree(const void *object)
{
	int kept_errno = errno;

	if (ZERO_OR_NULL_PTR(object))
		return;
	if (is_mapping(object))
		vmalloc_unmap(object);
	else
		kfree(object);
	errno = kept_errno;
}

/* A mapping begins on a page, and nowhere better. */
PUBLIC void *kvmalloc_node_align(size_t size, size_t align, gfp_t gfp, int node)
{
	size_t bytes = kmalloc_aligned_size(size, align);

	if (align <= PAGE_BYTES)
		return kvmalloc_node(bytes, gfp, node);
	if (bytes <= KMALLOC_MAX_SIZE)
		return kmalloc_node(bytes, gfp, node);
	errno = EINVAL;
	return NULL;
}

/* To where there is room, and the alignment. */
static void *move(const void *object, size_t old, size_t size, size_t align, gfp_t gfp, int node)
{
	void *moved = kvmalloc_node_align(size, align, gfp, node);

	if (moved == NULL)
		return NULL;
	if (old != 0)
		memcpy(moved, object, min_size(old, size));
	kvfree(object);
	return moved;
}

PUBLIC void *kvrealloc_node_align(const void *object, size_t size, size_t align, gfp_t gfp,
				  int node)
{
	void *resized;

	if (is_mapping(object))
		return size == 0 || align <= PAGE_BYTES ? vrealloc(object, size, gfp) :
		       move(object, vmalloc_bytes(object), size, align, gfp, node);
	if (size <= KMALLOC_MAX_SIZE) {
		resized = krealloc_node_align(object, size, align, gfp_unless_mapped(gfp), node);
		if (is_final(resized, gfp))
			return resized;
	}
	return move(object, ksize(object), size, align, gfp, node);
}

PUBLIC void *kvrealloc(const void *object, size_t size, gfp_t gfp)
{
	return kvrealloc_node_align(object, size, 1, gfp, NUMA_NO_NODE);
}

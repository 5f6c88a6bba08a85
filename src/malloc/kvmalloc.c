/*
 * kvmalloc.c: kmalloc as far as it goes, then a mapping of its own; and vmalloc, always
 * a mapping.
 *
 *   mapping:  | header page | the caller's pages ... |
 */
#include <ukmem/pages.h>

#include <errno.h>

#include "base/bits.h"
#include "base/check.h"
#include "cache/cache.h"
#include "debug/guard.h"
#include "os/ops.h"

#define MAPPING_MAGIC UINT64_C(0x756b6d656d766d61)      /* "ukmemvma" */

struct mapping {
	uint64_t magic;
	size_t bytes;                   /* of the whole mapping */
};

/* Pages straight from the OS read as zero already; asking for them is a system call. */
static void *map_pages(size_t size, gfp_t gfp)
{
	size_t bytes;
	void *address;
	struct mapping *mapping;

	if (size > SIZE_MAX / 2 || !gfp_may_block(gfp)) {
		errno = ENOMEM;
		return NULL;
	}
	bytes = align_up(size, PAGE_BYTES) + PAGE_BYTES;
	for (unsigned attempt = 0; os_ops.map(bytes, &address) != 0; attempt++) {
		if (!reclaim_for(gfp, attempt)) {
			errno = ENOMEM;
			return NULL;
		}
	}
	mapping = address;
	*mapping = (struct mapping){ .magic = MAPPING_MAGIC, .bytes = bytes };
	return (char *)address + PAGE_BYTES;
}

static void unmap_pages(const void *object)
{
	struct mapping *mapping = (struct mapping *)(void *)((char *)object - PAGE_BYTES);

	if ((size_t)object % PAGE_BYTES != 0 || mapping->magic != MAPPING_MAGIC)
		slab_panic("kvfree of %p, which kvmalloc did not make", object);
	os_ops.unmap(mapping, mapping->bytes);
}

static bool node_is_wrong(int node)
{
	return node != NUMA_NO_NODE && boot_ensure() == 0 && !node_exists(node);
}

PUBLIC void *kvmalloc_node(size_t size, gfp_t gfp, int node)
{
	void *object;

	if (size <= KMALLOC_MAX_SIZE) {
		object = kmalloc_node(size, gfp, node);
		if (object != NULL || errno == EINVAL)
			return object;
	} else if (node_is_wrong(node)) {
		errno = EINVAL;
		return NULL;
	}
	return map_pages(size, gfp);
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

PUBLIC void kvfree(const void *object)
{
	int kept_errno = errno;

	if (ZERO_OR_NULL_PTR(object))
		return;
	if (zone_of(object) != NULL || guard_owns(object))
		kfree(object);
	else
		unmap_pages(object);
	errno = kept_errno;
}

/* ---- vmalloc ------------------------------------------------------------------------- */

/* Fresh pages read as zero, so there is nothing to clear. */
PUBLIC void *vmalloc_node(size_t size, int node)
{
	if (size == 0 || node_is_wrong(node)) {
		errno = size == 0 ? ENOMEM : EINVAL;
		return NULL;
	}
	return map_pages(size, GFP_KERNEL);
}

PUBLIC void *vzalloc_node(size_t size, int node)
{
	return vmalloc_node(size, node);
}

PUBLIC void *vmalloc(size_t size)
{
	return vmalloc_node(size, NUMA_NO_NODE);
}

PUBLIC void *vzalloc(size_t size)
{
	return vmalloc_node(size, NUMA_NO_NODE);
}

PUBLIC void *vmalloc_array(size_t n, size_t size)
{
	size_t bytes;

	return vmalloc(__builtin_mul_overflow(n, size, &bytes) ? SIZE_MAX : bytes);
}

PUBLIC void *vcalloc(size_t n, size_t size)
{
	return vmalloc_array(n, size);
}

PUBLIC void vfree(const void *address)
{
	kvfree(address);
}

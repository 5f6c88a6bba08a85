/*
 * vmalloc.c: mappings of their own.
 *
 *   | header page | the caller's pages ... |
 */
#include "malloc/vmalloc.h"

#include <errno.h>
#include <string.h>

#include "base/bits.h"
#include "base/check.h"
#include "cache/cache.h"
#include "os/ops.h"

#define MAPPING_MAGIC UINT64_C(0x756b6d656d766d61)      /* "ukmemvma" */

struct mapping {
	uint64_t magic;
	size_t bytes;                   /* of the whole mapping */
};

/* Pages straight from the OS read as zero already; asking for them is a system call. */
void *vmalloc_map(size_t size, gfp_t gfp)
{
	size_t bytes;
	void *address;
	struct mapping *mapping;

	if (size > SIZE_MAX / 2 || !gfp_may_block(gfp) || (gfp & __GFP_DMA)) {
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

static struct mapping *mapping_of(const void *object, const char *caller)
{
	struct mapping *mapping = (struct mapping *)(void *)((char *)object - PAGE_BYTES);

	if ((size_t)object % PAGE_BYTES != 0 || mapping->magic != MAPPING_MAGIC)
		slab_panic("%s of %p, which kvmalloc did not make", caller, object);
	return mapping;
}

void vmalloc_unmap(const void *object)
{
	struct mapping *mapping = mapping_of(object, "kvfree");

	os_ops.unmap(mapping, mapping->bytes);
}

size_t vmalloc_bytes(const void *object)
{
	return mapping_of(object, "kvrealloc")->bytes - PAGE_BYTES;
}

bool vmalloc_node_is_wrong(int node, gfp_t gfp)
{
	return node != NUMA_NO_NODE && boot_ensure_for(gfp) == 0 && !node_exists(node);
}

/* Fresh pages read as zero, so there is nothing to clear. */
PUBLIC void *vmalloc_node(size_t size, int node)
{
	if (size == 0 || vmalloc_node_is_wrong(node, GFP_KERNEL)) {
		errno = size == 0 ? ENOMEM : EINVAL;
		return NULL;
	}
	return vmalloc_map(size, GFP_KERNEL);
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

/* The kernel moves page tables, not bytes. Without it, what fits stays. */
static struct mapping *remap(struct mapping *mapping, size_t bytes, gfp_t gfp)
{
	int kept_errno = errno;
	void *moved;

	if (bytes != mapping->bytes && gfp_may_block(gfp) &&
	    os_ops.remap(mapping, mapping->bytes, bytes, &moved) == 0) {
		mapping = moved;
		mapping->bytes = bytes;
	}
	errno = mapping->bytes >= bytes ? kept_errno : ENOMEM;
	return mapping->bytes >= bytes ? mapping : NULL;
}

PUBLIC void *vrealloc(const void *address, size_t size, gfp_t gfp)
{
	struct mapping *mapping;
	char *pages;

	if (size == 0) {
		vfree(address);
		return NULL;
	}
	if (address == NULL)
		return vmalloc_map(size, gfp);
	if (size > SIZE_MAX / 2) {
		errno = ENOMEM;
		return NULL;
	}
	mapping = remap(mapping_of(address, "vrealloc"), align_up(size, PAGE_BYTES) + PAGE_BYTES, gfp);
	if (mapping == NULL)
		return NULL;
	pages = (char *)mapping + PAGE_BYTES;
	if (gfp & __GFP_ZERO)
		memset(pages + size, 0, mapping->bytes - PAGE_BYTES - size);
	return pages;
}

/* linux/vmalloc.h */
#ifndef UKMEM_COMPAT_VMALLOC_H
#define UKMEM_COMPAT_VMALLOC_H

#include <errno.h>
#include <linux/slab.h>
#include <ukmem/pages.h>

#define __vmalloc(size, gfp)                    vrealloc(NULL, (size), (gfp))
#define vmalloc_user(size)                      vzalloc(size)
#define vmalloc_32(size)                        vmalloc(size)
#define vmalloc_32_user(size)                   vzalloc(size)
#define vmalloc_huge(size, gfp)                 __vmalloc((size), (gfp))
#define vmalloc_huge_node(size, gfp, node)      ((void)(node), __vmalloc((size), (gfp)))
#define __vmalloc_array(n, size, gfp)           __vmalloc(ukmem_flex_bytes(0, (size), (n)), (gfp))
#define __vcalloc(n, size, gfp)                 __vmalloc_array((n), (size), (gfp) | __GFP_ZERO)
#define vrealloc_node(address, size, gfp, node) ((void)(node), vrealloc((address), (size), (gfp)))
#define vfree_atomic(address)                   vfree(address)

/* A page's alignment is the most that there is. */
static inline void *vrealloc_node_align(const void *address, size_t size, unsigned long align,
		gfp_t gfp, int node)
{
	if (align > 4096) {
		errno = EINVAL;
		return NULL;
	}
	return vrealloc_node(address, size, gfp, node);
}

/* Of two pointers, one of kmalloc's and one of vmalloc's, it knows which is which. */
static inline bool is_vmalloc_addr(const void *address)
{
	return address != NULL && kmem_virt_to_head_page(address) == NULL;
}

#endif

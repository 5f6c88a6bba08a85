/* linux/vmalloc.h */
#ifndef UKMEM_COMPAT_VMALLOC_H
#define UKMEM_COMPAT_VMALLOC_H

#include <linux/slab.h>
#include <ukmem/pages.h>

/* Of two pointers, one of kmalloc's and one of vmalloc's, it knows which is which. */
static inline bool is_vmalloc_addr(const void *address)
{
	return address != NULL && kmem_virt_to_head_page(address) == NULL;
}

#endif

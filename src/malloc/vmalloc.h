/*
 * vmalloc.h: mappings, for kvmalloc.
 */
#ifndef MALLOC_VMALLOC_H
#define MALLOC_VMALLOC_H

#include <stdbool.h>
#include <stddef.h>
#include <ukmem/pages.h>

/* NULL with errno ENOMEM: refused, or @gfp may not make system calls, or wants a source's pages. */
void *vmalloc_map(size_t size, gfp_t gfp);
void vmalloc_unmap(const void *address);
size_t vmalloc_bytes(const void *address);

/*
 * kvmalloc.c: @object of kmalloc's, or a mapping where it is NULL and a mapping may stand in. What
 * kmalloc is asked for, then: not to wait for ever.
 */
void *object_or_mapping(void *object, size_t size, gfp_t gfp);
gfp_t gfp_unless_mapped(gfp_t gfp);

/* It names a node that is not there. */
bool vmalloc_node_is_wrong(int node, gfp_t gfp);

#endif

/*
 * linux/slab.h: ukmem under the kernel's name, for code that came from a kernel.
 *
 * Compile with -I.../compat (pkg-config --cflags ukmem-compat), in GNU C. With
 * UKMEM_TESTING defined, allocations obey what Linux's own tools/testing expects of its
 * stand-in: see ukmem_testing.h.
 */
#ifndef UKMEM_COMPAT_SLAB_H
#define UKMEM_COMPAT_SLAB_H

#include <string.h>

#include <linux/gfp.h>
#include <linux/types.h>
#include <ukmem/buckets.h>
#include <ukmem/obj.h>
#include <ukmem/sheaf.h>
#include <ukmem/slab.h>

struct list_lru;
struct mem_cgroup;

/* 6.5's name; any flag that keeps a cache from being merged does. */
#define SLAB_NO_MERGE           SLAB_NOLEAKTRACE
#define SLAB_TEMPORARY          SLAB_RECLAIM_ACCOUNT
#define ARCH_KMALLOC_MINALIGN   32
#define ARCH_SLAB_MINALIGN      8
#define KMALLOC_SHIFT_LOW       5
#define KMALLOC_SHIFT_HIGH      22
#define KMALLOC_SHIFT_MAX       22
#define KMALLOC_MAX_CACHE_SIZE  KMALLOC_MAX_SIZE
#define KMALLOC_MAX_ORDER       10

#define KMEM_CACHE_USERCOPY(s, flags, field)                                    \
	kmem_cache_create_usercopy(#s, sizeof(struct s), _Alignof(struct s), (flags), \
			offsetof(struct s, field), sizeof(((struct s *)0)->field), NULL)

#define kmem_cache_alloc_lru(cache, lru, gfp)   ((void)(lru), kmem_cache_alloc((cache), (gfp)))
#define kmalloc_track_caller(size, gfp)         kmalloc((size), (gfp))
#define kmalloc_node_track_caller(size, gfp, node) kmalloc_node((size), (gfp), (node))
#define kmalloc_array_node(n, size, gfp, node) \
	kmalloc_node(ukmem_flex_bytes(0, (size), (n)), (gfp), (node))
#define kcalloc_node(n, size, gfp, node) \
	kzalloc_node(ukmem_flex_bytes(0, (size), (n)), (gfp), (node))
#define kvzalloc_node(size, gfp, node)          kvmalloc_node((size), (gfp) | __GFP_ZERO, (node))
#define kmem_valid_obj(object)                  (kmem_virt_to_head_page(object) != NULL)

static inline bool slab_is_available(void)
{
	return true;
}

static inline void kvfree_sensitive(const void *object, size_t size)
{
	if (ZERO_OR_NULL_PTR(object))
		return;
	memset((void *)object, 0, size);
	__asm__ volatile("" : : "r"(object) : "memory");   /* not to be left out */
	kvfree(object);
}

#ifdef UKMEM_TESTING
#include <ukmem_testing.h>
#endif

#endif

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

#include <linux/alloc_tag.h>
#include <linux/cleanup.h>
#include <linux/gfp.h>
#include <linux/overflow.h>
#include <linux/types.h>
#include <ukmem/buckets.h>
#include <ukmem/group.h>
#include <ukmem/obj.h>
#include <ukmem/sheaf.h>
#include <ukmem/slab.h>

struct list_lru;
struct mem_cgroup;

/* 6.5's name; any flag that keeps a cache from being merged does. */
#define SLAB_NO_MERGE           SLAB_NOLEAKTRACE
#define SLAB_TEMPORARY          SLAB_RECLAIM_ACCOUNT
/* What a kernel without those debugging options has. */
#define SLAB_DEBUG_OBJECTS      0u
#define SLAB_KASAN              0u
#define SLAB_SKIP_KFENCE        0u
#define SLAB_NO_OBJ_EXT         0u
#define ARCH_KMALLOC_MINALIGN   32
#define ARCH_SLAB_MINALIGN      8
#define arch_slab_minalign()    ARCH_SLAB_MINALIGN
#define KMALLOC_SHIFT_LOW       5
#define KMALLOC_SHIFT_HIGH      22
#define KMALLOC_SHIFT_MAX       22
#define KMALLOC_MAX_CACHE_SIZE  KMALLOC_MAX_SIZE
#define KMALLOC_MAX_ORDER       10

#define KMEM_CACHE_USERCOPY(s, flags, field)                                    \
	kmem_cache_create_usercopy(#s, sizeof(struct s), _Alignof(struct s), (flags), \
			offsetof(struct s, field), sizeof(((struct s *)0)->field), NULL)

#define __kmem_cache_create_args                kmem_cache_create_args
#define kmem_cache_alloc_lru(cache, lru, gfp)   ((void)(lru), kmem_cache_alloc((cache), (gfp)))
#define kmalloc_track_caller(size, gfp)         kmalloc((size), (gfp))
#define kmalloc_node_track_caller(size, gfp, node) kmalloc_node((size), (gfp), (node))
#define kmalloc_array_node(n, size, gfp, node) \
	kmalloc_node(ukmem_flex_bytes(0, (size), (n)), (gfp), (node))
#define kcalloc_node(n, size, gfp, node) \
	kzalloc_node(ukmem_flex_bytes(0, (size), (n)), (gfp), (node))
#define kvzalloc_node(size, gfp, node)          kvmalloc_node((size), (gfp) | __GFP_ZERO, (node))
#define kvmalloc_array_node(n, size, gfp, node) \
	kvmalloc_node(ukmem_flex_bytes(0, (size), (n)), (gfp), (node))
#define kvcalloc_node(n, size, gfp, node) \
	kvzalloc_node(ukmem_flex_bytes(0, (size), (n)), (gfp), (node))
#define krealloc_node(object, size, gfp, node) \
	krealloc_node_align((object), (size), 1, (gfp), (node))
#define kvrealloc_node(object, size, gfp, node) \
	kvrealloc_node_align((object), (size), 1, (gfp), (node))
#define kmem_buckets_alloc_track_caller         kmem_buckets_alloc
#define kmem_buckets_alloc_node_track_caller(buckets, size, gfp, node) \
	((void)(node), kmem_buckets_alloc((buckets), (size), (gfp)))
#define kvfree_atomic(object)                   kvfree(object)

/* Before 6.12 it was told the old size, too. */
#define kvrealloc(object, ...) \
	UKMEM_KVREALLOC(__VA_ARGS__, UKMEM_KVREALLOC_4, UKMEM_KVREALLOC_3, )(object, __VA_ARGS__)
#define UKMEM_KVREALLOC(a, b, c, which, ...)    which
#define UKMEM_KVREALLOC_3(object, size, gfp)    (kvrealloc)((object), (size), (gfp))
#define UKMEM_KVREALLOC_4(object, old, size, gfp) ((void)(old), (kvrealloc)((object), (size), (gfp)))

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

/* __free(kfree): what a variable points to goes with its block. */
#define UKMEM_IS_POINTER(p)     ((p) != NULL && (unsigned long)(p) < (unsigned long)-4095)
DEFINE_FREE(kfree, void *, if (UKMEM_IS_POINTER(_T)) kfree(_T))
DEFINE_FREE(kvfree, void *, if (UKMEM_IS_POINTER(_T)) kvfree(_T))
DEFINE_FREE(kfree_sensitive, void *, if (_T != NULL) kfree_sensitive(_T))

#ifdef UKMEM_TESTING
#include <ukmem_testing.h>
#endif

#endif

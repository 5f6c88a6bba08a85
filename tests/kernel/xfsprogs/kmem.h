/*
 * kmem.h: xfsprogs's include/kmem.h over ukmem. Its programs take the kernel's memory
 * calls and end where memory is refused: __GFP_NOFAIL, with a callback that ends them.
 */
#ifndef __KMEM_H__
#define __KMEM_H__

#include <ukmem/shrinker.h>
#include <ukmem/slab.h>

#define KM_NOFS         0x0004u
#define KM_MAYFAIL      0x0008u
#define KM_LARGE        0x0010u
#define KM_NOLOCKDEP    0x0020u

#define __GFP_NOLOCKDEP 0u

/* Whatever flags they pass, they mean a caller that may wait and does not check. */
#define LIBXFS_GFP(flags) (((flags) & __GFP_ZERO) | GFP_KERNEL | __GFP_NOFAIL)

#define kmem_cache_alloc(cache, flags)  ((kmem_cache_alloc)((cache), LIBXFS_GFP(flags)))
#define kmem_cache_zalloc(cache, flags) ((kmem_cache_zalloc)((cache), LIBXFS_GFP(flags)))
#define kmalloc(size, flags)            kvmalloc((size), LIBXFS_GFP(flags))
#define krealloc(old, size, flags)      ((krealloc)((old), (size), LIBXFS_GFP(flags)))
#define kmem_alloc(size, flags)         kvmalloc((size), LIBXFS_GFP(0))
#define kmem_zalloc(size, flags)        kvzalloc((size), LIBXFS_GFP(0))
#define kmem_free(memory)               kvfree(memory)
#define kfree(memory)                   kvfree(memory)

static inline struct kmem_cache *kmem_cache_init(unsigned int size, const char *name)
{
	return kmem_cache_create(name, size, 0, 0, NULL);
}

/* How they tell leaks: 1 when objects are out (LIBXFS_LEAK_CHECK). */
static inline int libxfs_cache_destroy(struct kmem_cache *cache)
{
	int leaked = kmem_cache_shrink(cache) == 1;

	kmem_cache_destroy(cache);
	return leaked;
}
#define kmem_cache_destroy(cache) libxfs_cache_destroy(cache)

#endif

/*
 * on_malloc.h: the names that attacks.c uses, by malloc, so that other allocators meet the same
 * attacks (attacks.sh peers). Caches are sizes; what only caches have (a wrong one, a destroyed
 * one) comes to nothing.
 */
#ifndef MISUSE_ON_MALLOC_H
#define MISUSE_ON_MALLOC_H

#include <malloc.h>
#include <stdlib.h>
#include <string.h>

enum { GFP_KERNEL, SLAB_NOLEAKTRACE };

struct kmem_cache {
	size_t size;
};

static inline struct kmem_cache *kmem_cache_create(const char *name, size_t size, size_t align,
						   unsigned flags, void (*ctor)(void *))
{
	static struct kmem_cache caches[8];
	static unsigned next;

	(void)name, (void)align, (void)flags, (void)ctor;
	caches[next].size = size;
	return &caches[next++];
}

#define kmem_cache_alloc(cache, gfp) malloc((cache)->size)
#define kmem_cache_zalloc(cache, gfp) calloc(1, (cache)->size)
#define kmem_cache_free(cache, object) ((void)(cache), free(object))
#define kmem_cache_shrink(cache) ((void)(cache), malloc_trim(0))
#define kmem_cache_destroy(cache) ((void)(cache))
#define kmalloc(size, gfp) malloc(size)
#define kfree(object) free((void *)(object))
#define krealloc(object, size, gfp) realloc(object, (size_t)(size))
#define kmalloc_array(n, size, gfp) reallocarray(NULL, n, size)
#define kvmalloc_array(n, size, gfp) reallocarray(NULL, n, size)
#define krealloc_array(object, n, size, gfp) reallocarray(object, n, size)
#define kcalloc(n, size, gfp) calloc(n, size)

static inline size_t kmalloc_size_roundup(size_t size)
{
	return malloc_usable_size(malloc(size));
}

static inline void kmem_cache_free_bulk(struct kmem_cache *cache, size_t count, void **objects)
{
	for (size_t i = 0; i < count; i++)
		kmem_cache_free(cache, objects[i]);
}

#endif

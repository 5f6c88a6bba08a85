/*
 * binding_ukmem.h: see binding.h.
 */
#ifndef BENCH_BINDING_UKMEM_H
#define BENCH_BINDING_UKMEM_H

#ifdef BIND_INLINE
#include <ukmem/inline.h>
#else
#include <ukmem/slab.h>
#endif

typedef struct kmem_cache *pool_t;

static inline pool_t pool_new(size_t size, size_t most)
{
	(void)most;
#ifdef MIXED
	(void)size;
	mixed_fill();
	return NULL;
#else
	return kmem_cache_create("bench", (unsigned)size, 0, 0, NULL);
#endif
}

static inline void *pool_alloc(pool_t pool)
{
#ifdef MIXED
	(void)pool;
	return kmalloc(mixed_next_size(), GFP_KERNEL);
#else
	return kmem_cache_alloc(pool, GFP_KERNEL);
#endif
}

static inline void pool_free(pool_t pool, void *object)
{
#ifdef MIXED
	(void)pool;
	kfree(object);
#else
	kmem_cache_free(pool, object);
#endif
}

#endif

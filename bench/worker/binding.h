/*
 * binding.h: what a workload calls, chosen at compile time.
 *
 * The workloads are compiled once for each binding, so that each calls its allocator
 * as a program would: through the PLT for a shared library, inlined for the floor.
 *
 *   BIND_UKMEM    kmem_cache_alloc of a cache for each size, libukmem.so
 *   BIND_MALLOC   the process's malloc: glibc's, or what LD_PRELOAD put there
 *   BIND_FLOOR    an inlined, thread-unsafe free list: what can't be beaten
 */
#ifndef BENCH_BINDING_H
#define BENCH_BINDING_H

#include <stddef.h>

#if defined(BIND_UKMEM)
#include <ukmem/slab.h>

typedef struct kmem_cache *pool_t;

static inline pool_t pool_new(size_t size)
{
	return kmem_cache_create("bench", (unsigned)size, 0, 0, NULL);
}

static inline void *pool_alloc(pool_t pool)
{
	return kmem_cache_alloc(pool, GFP_KERNEL);
}

static inline void pool_free(pool_t pool, void *object)
{
	kmem_cache_free(pool, object);
}
#define BINDING_NAME "ukmem"

#elif defined(BIND_MALLOC)
#include <stdlib.h>

typedef size_t pool_t;

static inline pool_t pool_new(size_t size)
{
	return size;
}

static inline void *pool_alloc(pool_t size)
{
	return malloc(size);
}

static inline void pool_free(pool_t size, void *object)
{
	(void)size;
	free(object);
}
#define BINDING_NAME "malloc"

#elif defined(BIND_FLOOR)
#include <stdlib.h>

struct floor_pool {
	void *head;
	char *fresh, *end;
	size_t size;
};
typedef struct floor_pool *pool_t;

static inline pool_t pool_new(size_t size)
{
	pool_t pool = calloc(1, sizeof(*pool));

	pool->size = size;
	return pool;
}

static __attribute__((noinline, cold)) void *pool_fresh(pool_t pool)
{
	enum { CHUNK = 4 << 20 };
	void *object;

	if (pool->fresh == NULL || pool->fresh + pool->size > pool->end) {
		pool->fresh = aligned_alloc(4096, CHUNK);
		pool->end = pool->fresh + CHUNK;
	}
	object = pool->fresh;
	pool->fresh += pool->size;
	return object;
}

static inline void *pool_alloc(pool_t pool)
{
	void *object = pool->head;

	if (__builtin_expect(object == NULL, 0))
		return pool_fresh(pool);
	pool->head = *(void **)object;
	return object;
}

static inline void pool_free(pool_t pool, void *object)
{
	*(void **)object = pool->head;
	pool->head = object;
}
#define BINDING_NAME "floor"
#define BINDING_IS_THREAD_UNSAFE 1
#endif

#endif

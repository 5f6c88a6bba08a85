/*
 * binding_floor.h: see binding.h.
 */
#ifndef BENCH_BINDING_FLOOR_H
#define BENCH_BINDING_FLOOR_H

#include <stdlib.h>

#define POOL_IS_THREAD_UNSAFE 1

struct floor_pool {
	void *head;
	char *fresh, *end;
	size_t size;
};
typedef struct floor_pool *pool_t;

static inline pool_t pool_new(size_t size, size_t most)
{
	pool_t pool = calloc(1, sizeof(*pool));

	(void)most;
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

#endif

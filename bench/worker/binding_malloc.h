/*
 * binding_malloc.h: see binding.h.
 */
#ifndef BENCH_BINDING_MALLOC_H
#define BENCH_BINDING_MALLOC_H

#include <stdlib.h>

typedef size_t pool_t;

static inline pool_t pool_new(size_t size, size_t most)
{
	(void)most;
#ifdef MIXED
	mixed_fill();
#endif
	return size;
}

static inline void *pool_alloc(pool_t size)
{
#ifdef MIXED
	size = mixed_next_size();
#endif
	return malloc(size);
}

static inline void pool_free(pool_t size, void *object)
{
	(void)size;
	free(object);
}

#endif

/*
 * binding.h: what a workload calls, chosen at compile time.
 *
 * The workloads are compiled once for each binding, so that each calls its allocator
 * as a program would: through the PLT for a shared library, inlined for the floor.
 *
 *   BIND_UKMEM    kmem_cache_alloc of a cache for each size, libukmem.so; with
 *                 BIND_INLINE too, the hits compiled in by <ukmem/inline.h>
 *   BIND_MALLOC   the process's malloc: glibc's, or what LD_PRELOAD put there
 *   BIND_DPDK     a DPDK mempool with its cache for each thread, as big as needed
 *   BIND_FLOOR    an inlined, thread-unsafe free list: what can't be beaten
 *
 * With MIXED the size of each object is the next of a fixed table (mixed.h): kmalloc
 * and kfree for ukmem, malloc and free for malloc; the others have no such call.
 *
 * Each binding gives
 *   pool_new(size, most)   for objects of that size, at most so many live at once
 *   pool_alloc, pool_free
 *   pool_enter, pool_leave what a thread does first and last
 */
#ifndef BENCH_BINDING_H
#define BENCH_BINDING_H

#include <stddef.h>

#ifdef MIXED
#include "mixed.h"
#endif

#if defined(BIND_UKMEM)
#include "binding_ukmem.h"
#elif defined(BIND_MALLOC)
#include "binding_malloc.h"
#elif defined(BIND_DPDK)
#include "binding_dpdk.h"
#elif defined(BIND_FLOOR)
#include "binding_floor.h"
#endif

#ifndef POOL_HAS_THREADS_OF_ITS_OWN_KIND
static inline void pool_enter(void)
{
}

static inline void pool_leave(void)
{
}
#endif

#endif

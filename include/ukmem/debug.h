/*
 * debug.h: finding bugs, with checks that are switched on per cache by flags, for any
 * cache by UKMEM_OPTIONS=debug:FZPU,pattern (docs/debugging.md), and by these calls.
 */
#ifndef UKMEM_DEBUG_H
#define UKMEM_DEBUG_H

#include <ukmem/slab.h>

#ifdef __cplusplus
extern "C" {
#endif

/*
 * kmem_cache_verify - look at every slab and object of a cache now.
 *
 * With checks: zones of all objects, poison of free ones, free lists against the table.
 * Without: lists and free lists only. Each finding is reported, mended where it can be,
 * and ends the process unless debug_abort:no is set.
 * Returns the number of findings; -EINVAL for NULL.
 * Cost    the cache's node locks while all its objects are read; other threads may go on.
 */
long kmem_cache_verify(struct kmem_cache *cache);

/* kmem_reports - how many mistakes were reported so far (with debug_abort:no). */
unsigned long kmem_reports(void);

/*
 * kmem_check_copy - may these bytes be copied to or from the outside?
 *
 * Bytes of an object must lie within one object, and in its cache's usercopy window
 * (kmem_cache_create_usercopy; all of an object of kmalloc; none of other caches).
 * Memory that is not ours is none of our business, nor are pages that are no object's.
 * Returns 0, or -EFAULT.
 * Cost    no lock; about 5 ns. Signals: safe.
 */
int kmem_check_copy(const void *from, size_t bytes);

/* ---- Fault injection --------------------------------------------------------- */

/*
 * When to refuse, as in Linux (fault-injection.txt): of the requests that the filters
 * let through, the first @space bytes are served; then of every @interval-th one
 * @probability in a hundred are refused, until that has happened @times times.
 */
struct kmem_fail {
	unsigned int interval;          /* 0 and 1: each */
	unsigned int probability;       /* 0 .. 100; 0: never */
	size_t space;                   /* bytes served first */
	int times;                      /* -1: for ever */

	/* Filters; zero: any. */
	size_t size_min, size_max;      /* bytes asked for */
	pid_t thread;                   /* gettid() of the one that is refused */
	const void *stack_from, *stack_to;      /* a return address in [from, to) is on the stack */
};

/* What is refused. */
enum kmem_fail_what {
	KMEM_FAIL_SLAB,                 /* objects of caches with SLAB_FAILSLAB */
	KMEM_FAIL_PAGE_ALLOC,           /* pages for slabs */
	KMEM_FAIL_OS                    /* system calls of the allocator */
};

/*
 * kmem_fail_set - begin (NULL: end) to refuse. Counts start anew.
 * Returns 0, or -EINVAL. The calling thread is never refused for setting it.
 */
int kmem_fail_set(enum kmem_fail_what what, const struct kmem_fail *fail);

/*
 * kmem_cache_fail - a cache that exists is one of those that KMEM_FAIL_SLAB refuses objects
 * of, as if made with SLAB_FAILSLAB (@on), or no longer. Whoever shares it by merging is
 * concerned too.
 *
 * Its arrays go for good, so that each call is asked about; it stays as slow afterwards.
 * Of a cache of kmalloc, filters by size see the size of its objects.
 * Returns 0; -EINVAL for NULL; -EBUSY when its calls are recorded (trace:); -EPERM when the kernel refuses the fence that taking arrays needs.
 * Threads any; takes the registry lock. Other threads may go on allocating and freeing.
 */
int kmem_cache_fail(struct kmem_cache *cache, int on);

/* kmem_fail_count - how many were refused since it was set. */
unsigned long kmem_fail_count(enum kmem_fail_what what);

#ifdef __cplusplus
}
#endif
#endif

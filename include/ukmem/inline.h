/*
 * inline.h: <ukmem/slab.h> with the two hits compiled into the caller.
 *
 * Include it instead of slab.h, or before it, where a program allocates in its inner loops: a hit costs
 * no call then (2.4 -> 1.5 ns a pair, docs/decisions/0007-the-call.md). Everything else
 * about the functions stays as slab.h has it; their addresses are the library's. Where the
 * hit has no inline form (neither x86-64 nor AArch64, gcc before 11, under the thread sanitizer) this is
 * slab.h.
 *
 * What hit.h names is then part of the program: rebuild it when the soname changes. A shared
 * object that includes this and may be dlclosed must be linked with -Wl,-z,nodelete: the kernel
 * reads the descriptor of a thread's last sequence, and ends the program if it is gone.
 */
#ifndef UKMEM_INLINE_H
#define UKMEM_INLINE_H

#ifdef UKMEM_SLAB_H
#error "include <ukmem/inline.h> before <ukmem/slab.h>"
#endif

#include <ukmem/hit.h>
#if UKMEM_HAS_HIT
#define UKMEM_INLINE_HITS 1
#endif
#include <ukmem/slab.h>

#if UKMEM_HAS_HIT

#ifdef __cplusplus
extern "C" {
#endif

UKMEM_INLINE void *kmem_cache_alloc(struct kmem_cache *cache, gfp_t gfp)
{
	void *object;

	if (__builtin_constant_p(gfp) && !(gfp & UKMEM_GFP_SLOW)) {
		if (ukmem_pop(cache, &object) == UKMEM_HIT)
			return object;
	} else if (ukmem_pop_unless(cache, UKMEM_ATTENTION(gfp), &object) == UKMEM_HIT) {
		return object;
	}
	return ukmem_alloc_miss(cache, gfp);
}

UKMEM_INLINE void kmem_cache_free(struct kmem_cache *cache, void *object)
{
	if (ukmem_push(cache, object) != UKMEM_HIT)
		ukmem_free_miss(cache, object);
}

#ifdef __cplusplus
}
#endif

#endif
#endif

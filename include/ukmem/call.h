/*
 * call.h: what the compiler knows at a call of kmem_cache_alloc; a part of slab.h.
 *
 * Where the gfp is a constant without __GFP_ZERO and __GFP_ACCOUNT, nearly everywhere, the call becomes one
 * of ukmem_alloc_uncleared: the same function, two instructions shorter. The address of
 * kmem_cache_alloc is the library's function all the same.
 */
#ifndef UKMEM_CALL_H
#define UKMEM_CALL_H

#include <ukmem/slab.h>

#ifdef __GNUC__

#ifdef __cplusplus
extern "C" {
#endif

UKMEM_HOT void *ukmem_alloc_any(struct kmem_cache *cache, gfp_t gfp) __asm__("kmem_cache_alloc");

extern inline __attribute__((gnu_inline, always_inline, artificial))
void *kmem_cache_alloc(struct kmem_cache *cache, gfp_t gfp)
{
	if (__builtin_constant_p(gfp) && !(gfp & UKMEM_GFP_SLOW))
		return ukmem_alloc_uncleared(cache, gfp);
	return ukmem_alloc_any(cache, gfp);
}

#ifdef __cplusplus
}
#endif

#endif
#endif

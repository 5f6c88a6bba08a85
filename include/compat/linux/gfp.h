/* linux/gfp.h: the flags, and whole pages. */
#ifndef UKMEM_COMPAT_GFP_H
#define UKMEM_COMPAT_GFP_H

#include <linux/gfp_types.h>
#include <ukmem/pages.h>

static inline bool gfpflags_allow_blocking(const gfp_t gfp)
{
	return (gfp & __GFP_DIRECT_RECLAIM) != 0;
}

static inline bool gfpflags_normal_context(const gfp_t gfp)
{
	return (gfp & (__GFP_DIRECT_RECLAIM | __GFP_MEMALLOC)) == __GFP_DIRECT_RECLAIM;
}

#endif

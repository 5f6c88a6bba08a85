/* linux/gfp_types.h: the flags alone. */
#ifndef UKMEM_COMPAT_GFP_TYPES_H
#define UKMEM_COMPAT_GFP_TYPES_H

#include <linux/types.h>
#include <ukmem/gfp.h>

#define __GFP_BITS_SHIFT      27
#define __GFP_BITS_MASK       ((gfp_t)((1 << __GFP_BITS_SHIFT) - 1))
#define __GFP_NO_OBJ_EXT      0u
#define __GFP_NOLOCKDEP       0u
#define __GFP_SKIP_KASAN      0u
#define __GFP_SKIP_ZERO       0u
#define __GFP_ZEROTAGS        0u
#define GFP_ZONEMASK          (__GFP_DMA | __GFP_HIGHMEM | __GFP_DMA32 | __GFP_MOVABLE)
#define GFP_HIGHUSER          (GFP_USER | __GFP_HIGHMEM)
#define GFP_HIGHUSER_MOVABLE  (GFP_HIGHUSER | __GFP_MOVABLE)
#define GFP_TRANSHUGE_LIGHT \
	((GFP_HIGHUSER_MOVABLE | __GFP_COMP | __GFP_NOMEMALLOC | __GFP_NOWARN) & ~__GFP_RECLAIM)
#define GFP_TRANSHUGE         (GFP_TRANSHUGE_LIGHT | __GFP_DIRECT_RECLAIM)

#endif

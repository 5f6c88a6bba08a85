/*
 * gfp.h: how an allocation may go about it ("get free pages" flags).
 *
 * Names and meaning as in Linux 6.1. The values are Linux's too, with one
 * exception: __GFP_ZERO stands above all others, next below it __GFP_ACCOUNT, so that
 * the hit path can ask "is the array empty, must the object be cleared, or is it to be
 * charged?" with a single test. The bit above __GFP_ZERO is nobody's and stays 0.
 *
 * What a flag does here:
 *   __GFP_DIRECT_RECLAIM  may make system calls, wait for a lock and reclaim.
 *                         Without it (GFP_ATOMIC, GFP_NOWAIT) an allocation never
 *                         blocks and makes no system call; it may fail, and it is
 *                         async-signal-safe. But the process's first call of all, if it is
 *                         such a one, boots the library (some 30 system calls, 0.2 ms); NULL
 *                         beside a thread that does so just now. Who minds calls something
 *                         earlier, kmem_cache_create or kmalloc with GFP_KERNEL.
 *   __GFP_ZERO            the object is cleared.
 *   __GFP_THISNODE        memory of the asked node or none.
 *   __GFP_NOFAIL          retried until it succeeds (only with GFP_KERNEL).
 *   __GFP_NOWARN          no line in the log when it fails.
 *   __GFP_RECLAIMABLE     kmalloc: use the kmalloc-rcl-* caches.
 *   __GFP_DMA             kmalloc: use the dma-kmalloc-* caches; their pages can be had from
 *                         a source (source.h), as those of alloc_pages.
 *   __GFP_DMA32           alloc_pages: below 4 GiB, or from a source.
 *   __GFP_ACCOUNT         charged to the thread's group (<ukmem/group.h>).
 *   __GFP_MEMALLOC        may have what is set aside (<ukmem/reserve.h>), unless
 *                         __GFP_NOMEMALLOC is there too, and passes groups' limits.
 * The others are accepted, so that kernel code compiles unchanged.
 */
#ifndef UKMEM_GFP_H
#define UKMEM_GFP_H

#ifndef UKMEM_HAS_GFP_T         /* include/compat, below other headers */
typedef unsigned int gfp_t;
#endif

#define __GFP_DMA              0x00000001u
#define __GFP_HIGHMEM          0x00000002u
#define __GFP_DMA32            0x00000004u
#define __GFP_MOVABLE          0x00000008u
#define __GFP_RECLAIMABLE      0x00000010u
#define __GFP_HIGH             0x00000020u
#define __GFP_IO               0x00000040u
#define __GFP_FS               0x00000080u
#define __GFP_ATOMIC           0x00000200u
#define __GFP_DIRECT_RECLAIM   0x00000400u
#define __GFP_KSWAPD_RECLAIM   0x00000800u
#define __GFP_WRITE            0x00001000u
#define __GFP_NOWARN           0x00002000u
#define __GFP_RETRY_MAYFAIL    0x00004000u
#define __GFP_NOFAIL           0x00008000u
#define __GFP_NORETRY          0x00010000u
#define __GFP_MEMALLOC         0x00020000u
#define __GFP_COMP             0x00040000u
#define __GFP_NOMEMALLOC       0x00080000u
#define __GFP_HARDWALL         0x00100000u
#define __GFP_THISNODE         0x00200000u
#define __GFP_ACCOUNT          0x00400000u
#define __GFP_ZERO             0x40000000u

/*
 * What a hit can't do. UKMEM_ATTENTION(gfp) is negative with any of them: all other flags
 * are less than the least of these, and one addition (a lea) carries into the sign.
 */
#define UKMEM_GFP_SLOW         (__GFP_ZERO | __GFP_ACCOUNT)
#define UKMEM_ATTENTION(gfp)   ((int)((gfp) + (0x80000000u - __GFP_ACCOUNT)))

#define __GFP_RECLAIM          (__GFP_DIRECT_RECLAIM | __GFP_KSWAPD_RECLAIM)

#define GFP_KERNEL             (__GFP_RECLAIM | __GFP_IO | __GFP_FS)
#define GFP_KERNEL_ACCOUNT     (GFP_KERNEL | __GFP_ACCOUNT)
#define GFP_ATOMIC             (__GFP_HIGH | __GFP_ATOMIC | __GFP_KSWAPD_RECLAIM)
#define GFP_NOWAIT             __GFP_KSWAPD_RECLAIM
#define GFP_NOIO               __GFP_RECLAIM
#define GFP_NOFS               (__GFP_RECLAIM | __GFP_IO)
#define GFP_USER               (__GFP_RECLAIM | __GFP_IO | __GFP_FS | __GFP_HARDWALL)
#define GFP_DMA                __GFP_DMA
#define GFP_DMA32              __GFP_DMA32

#endif

/*
 * reserve.h: memory set aside for the work that frees memory.
 *
 * A program that has to allocate in order to free (write a record out, send a message
 * that says "done") stands still when there is nothing left. It can set pages aside:
 *
 *     kmem_reserve_pages(64);
 *     ...
 *     request = kmem_cache_alloc(requests, GFP_KERNEL | __GFP_MEMALLOC);
 *
 * A call with __GFP_MEMALLOC that finds no memory otherwise gets an object from there;
 * nobody else ever does, not even after it was freed: a slab in the reserve serves only
 * such calls, and its pages are the reserve's again when its last object is freed. An
 * accounted object from the reserve may be charged to nobody. __GFP_NOMEMALLOC takes
 * __GFP_MEMALLOC back. Pages (alloc_pages), caches of page sources and requests above the
 * reserve's largest free run are not served.
 */
#ifndef UKMEM_RESERVE_H
#define UKMEM_RESERVE_H

#include <ukmem/slab.h>

#ifdef __cplusplus
extern "C" {
#endif

/*
 * kmem_reserve_pages - set @count pages of 4 KiB aside, instead of what was; 0: none.
 *
 * They are touched, so that there is memory behind them.
 * Returns 0; -EBUSY (objects are out of the reserve that is there), -EINVAL (more than
 *         2^18 pages), -ENOSPC (32 page sources are registered), -ENOMEM (no memory, or
 *         no 8 TiB of addresses that the heap is not in).
 * Threads nobody may allocate with __GFP_MEMALLOC meanwhile.
 */
int kmem_reserve_pages(size_t count);

/* How many pages of the reserve are free now. */
size_t kmem_reserve_free(void);

#ifdef __cplusplus
}
#endif
#endif

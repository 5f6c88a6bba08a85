/* linux/gfp.h: the flags, and whole pages. */
#ifndef UKMEM_COMPAT_GFP_H
#define UKMEM_COMPAT_GFP_H

#include <linux/gfp_types.h>
#include <ukmem/obj.h>
#include <ukmem/pages.h>

#define MAX_PAGE_ORDER          10
#define NR_PAGE_ORDERS          11
#define PAGE_ALLOC_COSTLY_ORDER 3
#define default_gfp(...)        UKMEM_GFP_OR_KERNEL(__VA_ARGS__)

/* The names before 6.14. */
#define alloc_pages_bulk_array(gfp, count, pages)            alloc_pages_bulk((gfp), (count), (pages))
#define alloc_pages_bulk_array_node(gfp, node, count, pages) \
	alloc_pages_bulk_node((gfp), (node), (count), (pages))
#define __alloc_pages_node(node, gfp, order)  alloc_pages_node((node), (gfp), (order))
#define __get_dma_pages(gfp, order)           __get_free_pages((gfp) | GFP_DMA, (order))

static inline bool gfpflags_allow_blocking(const gfp_t gfp)
{
	return (gfp & __GFP_DIRECT_RECLAIM) != 0;
}

static inline bool gfpflags_allow_spinning(const gfp_t gfp)
{
	return (gfp & __GFP_RECLAIM) != 0;
}

static inline bool gfp_has_io_fs(gfp_t gfp)
{
	return (gfp & (__GFP_IO | __GFP_FS)) == (__GFP_IO | __GFP_FS);
}

static inline bool gfpflags_normal_context(const gfp_t gfp)
{
	return (gfp & (__GFP_DIRECT_RECLAIM | __GFP_MEMALLOC)) == __GFP_DIRECT_RECLAIM;
}

#endif

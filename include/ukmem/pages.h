/*
 * pages.h: whole pages, 2^order of them, as in Linux.
 *
 * A run of pages is aligned to its size, @order 0 .. 10 (4 MiB). Who asks names the
 * same order when he gives it back. GFP flags as everywhere (gfp.h): GFP_ATOMIC and
 * GFP_NOWAIT never wait and make no system call. With __GFP_DMA32 the pages are below 4 GiB;
 * source.h says more.
 */
#ifndef UKMEM_PAGES_H
#define UKMEM_PAGES_H

#include <ukmem/slab.h>

#ifdef __cplusplus
extern "C" {
#endif

struct page;

/*
 * alloc_pages - 2^@order pages, from this thread's node or else any.
 *
 * Returns NULL with errno ENOMEM (EINVAL: no such node; @order is above 10).
 * Cost    the node's zone lock; a system call when no committed page is free.
 */
struct page *alloc_pages(gfp_t gfp, unsigned int order);
struct page *alloc_pages_node(int node, gfp_t gfp, unsigned int order);

/*
 * __free_pages - give a run back. NULL does nothing. Keeps errno.
 *
 * Misuse  what is no such run (freed twice, in a slab, another order) aborts with a
 *         report.
 */
void __free_pages(struct page *page, unsigned int order);

/*
 * alloc_pages_bulk_node - single pages for those of @pages[0 .. @count) that are NULL.
 *
 * Returns how many from the first on are there now; fewer than @count: refused.
 */
unsigned long alloc_pages_bulk_node(gfp_t gfp, int node, unsigned long count,
		struct page **pages);

/* free_pages_bulk - single pages back; NULLs are skipped. */
void free_pages_bulk(struct page **pages, unsigned long count);

/*
 * alloc_pages_nolock - in any context, a signal handler above all; as kmalloc_nolock.
 * free_pages_nolock gives back in any context; what can't go at once waits, as an object
 * that kfree_nolock can't free.
 */
struct page *alloc_pages_nolock(gfp_t gfp, int node, unsigned int order);
void free_pages_nolock(struct page *page, unsigned int order);

/* The same by address; 0 when refused. */
unsigned long __get_free_pages(gfp_t gfp, unsigned int order);
unsigned long get_zeroed_page(gfp_t gfp);
void free_pages(unsigned long address, unsigned int order);

/* Pages for @bytes; the run may be larger. Freed with the same @bytes. */
void *alloc_pages_exact(size_t bytes, gfp_t gfp);
void *alloc_pages_exact_nid(int node, size_t bytes, gfp_t gfp);
void free_pages_exact(void *address, size_t bytes);

/* Where the run is; its first page of any address inside (NULL for a stranger). */
void *kmem_page_address(const struct page *page);
struct page *kmem_virt_to_head_page(const void *address);

#define alloc_pages_bulk(gfp, count, pages) \
	alloc_pages_bulk_node((gfp), -1, (count), (pages))
#define __get_free_page(gfp)  __get_free_pages((gfp), 0)
#define alloc_page(gfp)       alloc_pages((gfp), 0)
#define __free_page(page)     __free_pages((page), 0)
#define free_page(address)    free_pages((address), 0)

/*
 * vmalloc - pages of its own, straight from the system; any size; page-aligned.
 *
 * Returns NULL with errno ENOMEM (EINVAL: no such node; else the system places them).
 * Cost    a system call and, besides, a page. Never from a signal handler.
 */
void *vmalloc(size_t size);
void *vzalloc(size_t size);
void *vmalloc_node(size_t size, int node);
void *vzalloc_node(size_t size, int node);
void *vmalloc_array(size_t n, size_t size);
void *vcalloc(size_t n, size_t size);

/*
 * vrealloc - resize; NULL allocates, size 0 frees. Page tables are moved, not bytes. With
 * __GFP_ZERO each time, it is zero where it grows. On failure all is as it was.
 */
void *vrealloc(const void *address, size_t size, gfp_t gfp);

/* vfree - give it back; memory of kvmalloc too. NULL does nothing. Keeps errno. */
void vfree(const void *address);

#ifdef __cplusplus
}
#endif
#endif

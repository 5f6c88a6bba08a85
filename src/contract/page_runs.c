/*
 * page_runs.c: the page allocator's public face.
 */
#include <ukmem/pages.h>

#include <errno.h>
#include <string.h>

#include "base/bits.h"
#include "base/check.h"
#include "cache/cache.h"
#include "debug/shadow.h"
#include "os/place.h"

/* False when it is not known: its lock is busy, or there is no memory of the kind. */
static bool zone_for(gfp_t gfp, struct zone **zone)
{
	int error;

	*zone = NULL;
	if (likely((gfp & (__GFP_DMA | __GFP_DMA32)) == 0))
		return true;
	if (!lock_take_if(&registry_lock, gfp_may_block(gfp)))
		return false;
	error = gfp_zone(gfp, zone);
	lock_drop(&registry_lock);
	return error == 0;
}

static struct page *take_run(unsigned node, gfp_t gfp, unsigned order, bool *zeroed)
{
	bool may_block = gfp_may_block(gfp);
	struct zone *zone;
	struct page *page;

	if (!zone_for(gfp, &zone))
		return NULL;
	if (zone != NULL)
		return zone_take(zone, order, may_block, zeroed);
	if (!(gfp & __GFP_THISNODE))
		return pages_alloc_any(node, order, may_block, zeroed);
	page = pages_alloc(node, order, may_block, zeroed);
	if (page == NULL || lies_on_node(page_address(page), PAGE_BYTES << order, node))
		return page;
	pages_free(page);
	return NULL;
}

static struct page *take_run_or_reclaim(unsigned node, gfp_t gfp, unsigned order)
{
	bool zeroed = false;
	struct page *page = take_run(node, gfp, order, &zeroed);

	for (unsigned attempt = 0; page == NULL && gfp_may_block(gfp) &&
	     reclaim_for(gfp, attempt); attempt++)
		page = take_run(node, gfp, order, &zeroed);
	if (page != NULL && (gfp & __GFP_ZERO) && !zeroed)
		memset(page_address(page), 0, PAGE_BYTES << order);
	return page;
}

/* What is refused of boot may be kmalloc's caches, which are not needed here. */
static bool is_ready(gfp_t gfp)
{
	return boot_ensure_for(gfp) == 0 || booted;
}

PUBLIC struct page *alloc_pages_node(int node, gfp_t gfp, unsigned order)
{
	int kept_errno = errno;
	struct page *page;

	if (!is_ready(gfp) || order > MAX_ORDER) {
		errno = order > MAX_ORDER ? EINVAL : ENOMEM;
		return NULL;
	}
	if (node == NUMA_NO_NODE)
		node = (int)(topology.nodes == 1 ? 0 : node_of_cpu(thread_slot()));
	if (!node_exists(node)) {
		errno = EINVAL;
		return NULL;
	}
	page = take_run_or_reclaim((unsigned)node, gfp, order);
	errno = page != NULL ? kept_errno : ENOMEM;
	return page;
}

PUBLIC struct page *alloc_pages(gfp_t gfp, unsigned order)
{
	return alloc_pages_node(NUMA_NO_NODE, gfp, order);
}

static void must_be_a_run(const struct page *page, unsigned order)
{
	if (page->state != PAGE_TAKEN || page->order != order)
		slab_panic("free of 2^%u pages at %p, which is no such run", order,
			   page_address(page));
}

PUBLIC void __free_pages(struct page *page, unsigned order)
{
	int kept_errno = errno;

	if (page == NULL)
		return;
	must_be_a_run(page, order);
	shadow_plain(page_address(page), PAGE_BYTES << order);
	pages_free(page);
	errno = kept_errno;
}

PUBLIC struct page *alloc_pages_nolock(gfp_t gfp, int node, unsigned order)
{
	return alloc_pages_node(node, (gfp & (__GFP_ZERO | __GFP_ACCOUNT)) | __GFP_NOWARN, order);
}

PUBLIC void free_pages_nolock(struct page *page, unsigned order)
{
	int kept_errno = errno;

	if (page == NULL)
		return;
	must_be_a_run(page, order);
	shadow_plain(page_address(page), PAGE_BYTES << order);
	if (!pages_free_at_once(page))
		defer_free_pages(page);
	errno = kept_errno;
}

PUBLIC unsigned long alloc_pages_bulk_node(gfp_t gfp, int node, unsigned long count,
					   struct page **pages)
{
	unsigned long there = 0;

	while (there < count &&
	       (pages[there] != NULL || (pages[there] = alloc_pages_node(node, gfp, 0)) != NULL))
		there++;
	return there;
}

PUBLIC void free_pages_bulk(struct page **pages, unsigned long count)
{
	for (unsigned long i = 0; i < count; i++)
		__free_pages(pages[i], 0);
}

static void *address_or_null(struct page *page)
{
	return page != NULL ? page_address(page) : NULL;
}

PUBLIC unsigned long __get_free_pages(gfp_t gfp, unsigned order)
{
	return (unsigned long)address_or_null(alloc_pages(gfp, order));
}

PUBLIC unsigned long get_zeroed_page(gfp_t gfp)
{
	return __get_free_pages(gfp | __GFP_ZERO, 0);
}

PUBLIC void free_pages(unsigned long address, unsigned order)
{
	struct page *page = virt_to_head_page((void *)address);

	if (address == 0)
		return;
	if (page == NULL || page_address(page) != (void *)address)
		slab_panic("free of 2^%u pages at %p, which is no such run", order,
			   (void *)address);
	__free_pages(page, order);
}

PUBLIC void *alloc_pages_exact_nid(int node, size_t bytes, gfp_t gfp)
{
	if (bytes == 0 || bytes > PAGE_BYTES << MAX_ORDER) {
		errno = EINVAL;
		return NULL;
	}
	return address_or_null(alloc_pages_node(node, gfp, order_of(bytes)));
}

PUBLIC void *alloc_pages_exact(size_t bytes, gfp_t gfp)
{
	return alloc_pages_exact_nid(NUMA_NO_NODE, bytes, gfp);
}

PUBLIC void free_pages_exact(void *address, size_t bytes)
{
	free_pages((unsigned long)address, order_of(bytes));
}

PUBLIC void *kmem_page_address(const struct page *page)
{
	return page_address(page);
}

PUBLIC struct page *kmem_virt_to_head_page(const void *address)
{
	return virt_to_head_page(address);
}

/*
 * runs.c: blocks of 32 KiB to 4 MiB, whole pages from the buddy allocator.
 *
 * The first page's byte is HEAP_RUN, those of the others are 0: a pointer into a run is
 * no block.
 */
#include "base/bits.h"
#include "malloc/heap.h"
#include "pages/exact.h"

static _Atomic size_t total_pages;

static size_t pages_of(size_t size)
{
	return max_size(align_up(size, PAGE_BYTES) >> PAGE_SHIFT, 1);
}

void *run_alloc(size_t size, size_t align, bool *zeroed)
{
	unsigned node = topology.nodes == 1 ? 0 : node_of_cpu(thread_slot());
	unsigned align_order = align <= PAGE_BYTES ? 0 : log2_up(align >> PAGE_SHIFT);
	struct page *first = exact_alloc(node, pages_of(size), align_order, zeroed);

	if (first == NULL) {
		reclaim();
		first = exact_alloc(node, pages_of(size), align_order, zeroed);
	}
	if (first == NULL)
		return NULL;
	set_page_class(page_zone(first), first, 1, HEAP_RUN);
	atomic_fetch_add_explicit(&total_pages, exact_count(first), memory_order_relaxed);
	if (cpu_miss_hook != NULL)
		cpu_miss_hook();
	return page_address(first);
}

/* Its page says that a run begins there. */
static struct page *run_at(const char *what, const void *block, const void *caller)
{
	if ((size_t)block % PAGE_BYTES != 0)
		heap_bad_pointer(what, block, caller);
	return virt_to_head_page(block);
}

void run_free(void *block, const void *caller)
{
	struct page *first = run_at("free", block, caller);

	atomic_fetch_sub_explicit(&total_pages, exact_count(first), memory_order_relaxed);
	set_page_class(page_zone(first), first, 1, HEAP_NOTHING);
	reaper_hears(exact_count(first));
	exact_free(first);
	if (cpu_miss_hook != NULL)
		cpu_miss_hook();
}

size_t run_bytes(const char *what, const void *block, const void *caller)
{
	return exact_count(run_at(what, block, caller)) << PAGE_SHIFT;
}

/* In place: a vector that grows by an eighth copies itself once in a doubling then. */
bool run_resize(void *block, size_t size)
{
	struct page *first = virt_to_head_page(block);
	size_t before = exact_count(first), count = pages_of(size);

	if (count > RUN_PAGES_MAX || (count > before && !exact_grow(first, count)))
		return false;
	if (count < before)
		exact_shrink(first, count);
	atomic_fetch_add_explicit(&total_pages, count - before, memory_order_relaxed);
	return true;
}

size_t runs_total_bytes(void)
{
	return atomic_load_explicit(&total_pages, memory_order_relaxed) << PAGE_SHIFT;
}

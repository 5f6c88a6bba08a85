#include <errno.h>
#include <ukmem/pages.h>

#include "harness/look.h"
#include "harness/test.h"

TEST(runs_of_every_order_are_aligned_to_their_size)
{
	for (unsigned order = 0; order <= MAX_ORDER; order++) {
		struct page *page = alloc_pages(GFP_KERNEL, order);
		char *address = kmem_page_address(page);
		size_t bytes = PAGE_BYTES << order;

		EXPECT_EQ((size_t)address % bytes, 0);
		memset(address, 1, bytes);
		EXPECT_EQ(kmem_virt_to_head_page(address), page);
		EXPECT_EQ(kmem_virt_to_head_page(address + bytes - 1), page);
		__free_pages(page, order);
	}
	check_everything();
}

TEST(pages_by_address)
{
	unsigned long run = __get_free_pages(GFP_KERNEL, 3), page;
	size_t used = pages_committed() - pages_free_count();

	memset((void *)run, 0xff, PAGE_BYTES << 3);
	free_pages(run, 3);
	EXPECT_EQ(pages_committed() - pages_free_count(), used - 8);
	for (int i = 0; i < 100; i++) {
		page = get_zeroed_page(GFP_KERNEL);
		for (size_t byte = 0; byte < PAGE_BYTES; byte++)
			EXPECT_EQ(((char *)page)[byte], 0);
		memset((void *)page, 0xff, PAGE_BYTES);
		free_page(page);
	}
	page = __get_free_page(GFP_ATOMIC);
	EXPECT_NE(page, 0);
	free_page(page);
	__free_page(alloc_page(GFP_KERNEL));
	free_pages(0, 3);
	__free_pages(NULL, 3);
	check_everything();
}

TEST(an_exact_size_comes_in_whole_runs)
{
	char *pages = alloc_pages_exact(5 * PAGE_BYTES + 1, GFP_KERNEL | __GFP_ZERO);

	EXPECT_EQ(pages[6 * PAGE_BYTES - 1], 0);
	free_pages_exact(pages, 5 * PAGE_BYTES + 1);
	EXPECT_REFUSED(alloc_pages_exact(0, GFP_KERNEL), EINVAL);
	EXPECT_REFUSED(alloc_pages_exact((4 << 20) + 1, GFP_KERNEL), EINVAL);
	check_everything();
}

TEST_ON(FOUR_CPUS_TWO_NODES, pages_come_from_the_asked_node)
{
	run_on_cpu(2);
	EXPECT_EQ(node_of_address(kmem_page_address(alloc_pages(GFP_KERNEL, 0))), 1);
	EXPECT_EQ(node_of_address(kmem_page_address(alloc_pages_node(0, GFP_KERNEL, 0))), 0);
	EXPECT_EQ(node_of_address(kmem_page_address(
			alloc_pages_node(0, GFP_KERNEL | __GFP_THISNODE, 2))), 0);
	EXPECT_REFUSED(alloc_pages_node(2, GFP_KERNEL, 0), EINVAL);
	EXPECT_REFUSED(alloc_pages_node(-7, GFP_KERNEL, 0), EINVAL);
}

TEST(orders_out_of_range_are_refused)
{
	EXPECT_REFUSED(alloc_pages(GFP_KERNEL, MAX_ORDER + 1), EINVAL);
	EXPECT_REFUSED(alloc_pages(GFP_KERNEL, UINT32_MAX), EINVAL);
	EXPECT_EQ(__get_free_pages(GFP_KERNEL, 60), 0);
}

TEST(vmalloc_serves_any_size_with_zeroed_pages)
{
	static const size_t sizes[] = { 1, 4096, 4097, 10 << 20 };

	for (size_t i = 0; i < ARRAY_LENGTH(sizes); i++) {
		char *pages = i % 2 != 0 ? vmalloc(sizes[i]) : vzalloc(sizes[i]);

		EXPECT_EQ((size_t)pages % PAGE_BYTES, 0);
		EXPECT_EQ(pages[sizes[i] - 1], 0);
		pages[sizes[i] - 1] = 1;
		vfree(pages);
	}
	vfree(vmalloc_node(100, 0));
	vfree(vzalloc_node(100, NUMA_NO_NODE));
	vfree(vmalloc_array(1000, 1000));
	vfree(vcalloc(1000, 1000));
	vfree(kvmalloc(5 << 20, GFP_KERNEL));
	vfree(NULL);
}

TEST(sizes_that_vmalloc_cannot_serve_are_refused)
{
	EXPECT_REFUSED(vmalloc(0), ENOMEM);
	EXPECT_REFUSED(vmalloc(SIZE_MAX), ENOMEM);
	EXPECT_REFUSED(vzalloc((size_t)1 << 62), ENOMEM);
	EXPECT_REFUSED(vmalloc_array(SIZE_MAX / 2, 3), ENOMEM);
	EXPECT_REFUSED(vcalloc(SIZE_MAX / 2, 3), ENOMEM);
	EXPECT_REFUSED(vmalloc_node(100, 99), EINVAL);
}

TEST(many_single_pages_at_once)
{
	struct page *pages[20] = { NULL };

	pages[3] = alloc_page(GFP_KERNEL);
	EXPECT_EQ(alloc_pages_bulk(GFP_KERNEL | __GFP_ZERO, 20, pages), 20);
	for (int i = 0; i < 20; i++)
		for (int other = 0; other < i; other++)
			EXPECT_NE(pages[i], pages[other]);
	free_pages_bulk(pages, 20);
	EXPECT_EQ(alloc_pages_bulk_node(GFP_KERNEL, 7, 20, (struct page *[20]){ NULL }), 0);
	pages[0] = NULL;
	free_pages_bulk(pages, 1);
	check_everything();
}

TEST_ON(FOUR_CPUS_TWO_NODES, exact_pages_of_a_node)
{
	char *pages = alloc_pages_exact_nid(1, 3 * PAGE_BYTES, GFP_KERNEL);

	EXPECT_EQ(node_of_address(pages), 1);
	free_pages_exact(pages, 3 * PAGE_BYTES);
	EXPECT_REFUSED(alloc_pages_exact_nid(5, PAGE_BYTES, GFP_KERNEL), EINVAL);
}

/* One node: else another would serve. */
TEST_ON(FOUR_CPUS, pages_without_waiting_go_back_later_if_they_must)
{
	struct page *first, *second;
	struct zone *zone;
	size_t used;

	run_on_cpu(0);
	kfree(kmalloc(100, GFP_KERNEL));                /* it makes no pages of its own */
	first = alloc_pages_nolock(__GFP_ZERO, NUMA_NO_NODE, 2);
	zone = page_zone(first);
	used = pages_committed() - pages_free_count();
	second = alloc_pages_nolock(0, 0, 0);
	EXPECT_NE(second, NULL);
	EXPECT_NULL(alloc_pages_nolock(0, NUMA_NO_NODE, 11));
	free_pages_nolock(second, 0);
	EXPECT_EQ(pages_committed() - pages_free_count(), used);
	lock_take(&zone->lock);
	EXPECT_NULL(alloc_pages_nolock(0, NUMA_NO_NODE, 0));
	free_pages_nolock(first, 2);                    /* this would wait for ever */
	lock_drop(&zone->lock);
	EXPECT_EQ(pages_committed() - pages_free_count(), used);
	deferred_free();
	EXPECT_EQ(pages_committed() - pages_free_count(), used - 4);
	free_pages_nolock(NULL, 3);
	check_everything();
}

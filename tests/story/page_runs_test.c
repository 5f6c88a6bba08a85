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

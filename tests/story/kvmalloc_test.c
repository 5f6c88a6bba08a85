#include <errno.h>
#include <sys/mman.h>
#include <ukmem/pages.h>

#include "harness/fake_os.h"
#include "harness/look.h"
#include "harness/test.h"

TEST(what_kmalloc_can_serve_it_serves)
{
	void *object = kvmalloc(1000, GFP_KERNEL);

	EXPECT_EQ(ksize(object), 1024);
	kvfree(object);
	object = kvmalloc(KMALLOC_MAX_SIZE, GFP_KERNEL);
	EXPECT_NE(zone_of(object), NULL);
	kvfree(object);
}

TEST(above_its_reach_a_mapping_of_its_own_serves)
{
	static const size_t sizes[] = { (4 << 20) + 1, 5 << 20, (8 << 20) + 4095, 64 << 20 };

	for (int i = 0; i < 4; i++) {
		unsigned char *object = kvmalloc(sizes[i], GFP_KERNEL);

		EXPECT_NE(object, NULL);
		EXPECT_NULL(zone_of(object));
		EXPECT_EQ((size_t)object % PAGE_BYTES, 0);
		memset(object, 1, sizes[i]);
		kvfree(object);
		EXPECT(msync(object, PAGE_BYTES, MS_ASYNC) != 0);       /* unmapped */
	}
}

TEST(cleared_memory_of_any_size_is_clear)
{
	static const size_t sizes[] = { 10, 5000, 4 << 20, (4 << 20) + 1, 9 << 20 };

	for (int i = 0; i < 5; i++) {
		unsigned char *dirty = kvmalloc(sizes[i], GFP_KERNEL), *clear;

		memset(dirty, 0xff, sizes[i]);
		kvfree(dirty);
		clear = i % 2 != 0 ? kvzalloc(sizes[i], GFP_KERNEL) :
				     kvcalloc(sizes[i], 1, GFP_KERNEL);
		for (size_t byte = 0; byte < sizes[i]; byte++)
			EXPECT_EQ(clear[byte], 0);
		kvfree(clear);
	}
}

TEST(arrays_that_overflow_are_refused)
{
	EXPECT_REFUSED(kvmalloc_array(SIZE_MAX / 2, 4, GFP_KERNEL), ENOMEM);
	EXPECT_REFUSED(kvcalloc(SIZE_MAX, SIZE_MAX, GFP_KERNEL), ENOMEM);
	EXPECT_REFUSED(kvmalloc(SIZE_MAX, GFP_KERNEL), ENOMEM);
	EXPECT_REFUSED(kvmalloc(SIZE_MAX / 2, GFP_KERNEL), ENOMEM);
	EXPECT_EQ(kvmalloc_array(0, 4, GFP_KERNEL), ZERO_SIZE_PTR);
	kvfree(kvmalloc_array(1000, 8000, GFP_KERNEL));
}

TEST(a_mapping_is_never_made_for_who_may_not_block)
{
	fake_os_install();
	EXPECT_REFUSED(kvmalloc(5 << 20, GFP_ATOMIC), ENOMEM);
	EXPECT_REFUSED(kvmalloc(5 << 20, GFP_NOWAIT), ENOMEM);
	EXPECT_EQ(fake_os_requests_of(FAKE_MAP), 0);
}

TEST(freeing_a_mapping_keeps_errno)
{
	void *object = kvmalloc(5 << 20, GFP_KERNEL);

	errno = 99;
	kvfree(object);
	EXPECT_EQ(errno, 99);
}

TEST_ON("reserve_mib:4", when_the_zone_is_full_a_mapping_serves_small_sizes_too)
{
	void *object;
	unsigned mapped = 0;

	for (int i = 0; i < 100; i++) {
		object = kvmalloc(1 << 20, GFP_KERNEL);
		EXPECT_NE(object, NULL);
		memset(object, 1, 1 << 20);
		mapped += zone_of(object) == NULL;
	}
	EXPECT(mapped > 90);
	kvfree(object);
}

/* 4 MiB of pages, and their second half is taken. */
#define HALF_IS_TAKEN "reserve_mib:4 "

static void take_half(void)
{
	EXPECT_NE(alloc_pages(GFP_KERNEL, 9), NULL);
}

TEST_ON(HALF_IS_TAKEN, a_mapping_serves_who_may_not_fail_too)
{
	void *object;

	take_half();
	object = kvmalloc(4 << 20, GFP_KERNEL | __GFP_NOFAIL);
	EXPECT_NE(object, NULL);
	EXPECT_NULL(zone_of(object));
	kvfree(object);
}

TEST_ON(HALF_IS_TAKEN, what_grows_goes_into_a_mapping_when_the_zone_has_no_room)
{
	char *object = kvmalloc(3000, GFP_KERNEL);

	take_half();
	strcpy(object, "kept");
	EXPECT_NULL(kvrealloc(object, 3 << 20, GFP_ATOMIC));
	object = kvrealloc(object, 3 << 20, GFP_KERNEL);
	EXPECT_NULL(zone_of(object));
	EXPECT_STR(object, "kept");
	kvfree(object);
}

TEST_ON("reserve_mib:4", memory_that_is_aligned_to_more_than_a_page_is_no_mapping)
{
	enum { ALIGN = 1 << 20 };

	for (int i = 0; i < 10; i++) {
		void *object = kvmalloc_node_align(ALIGN, ALIGN, GFP_KERNEL, NUMA_NO_NODE);

		EXPECT_EQ((size_t)object % ALIGN, 0);           /* or NULL */
	}
}

/* ---- Resizing ------------------------------------------------------------------------- */

static const size_t MiB = 1 << 20;

static void fill(unsigned char *object, size_t size)
{
	for (size_t i = 0; i < size; i += 1000)
		object[i] = (unsigned char)(i / 1000 + 1);
}

static void expect_filled(const unsigned char *object, size_t size)
{
	for (size_t i = 0; i < size; i += 1000)
		EXPECT_EQ(object[i], (unsigned char)(i / 1000 + 1));
}

TEST(kvrealloc_goes_from_kmalloc_s_memory_into_mappings_and_on)
{
	static const size_t sizes[] = { 100, 3000, 4 << 20, (4 << 20) + 1, 40 << 20, 9 << 20, 70 };
	unsigned char *object = NULL;
	size_t old = 0;

	for (int i = 0; i < 7; i++) {
		object = kvrealloc(object, sizes[i], GFP_KERNEL);
		EXPECT_NE(object, NULL);
		expect_filled(object, old < sizes[i] ? old : sizes[i]);
		fill(object, sizes[i]);
		old = sizes[i];
	}
	EXPECT(ZERO_OR_NULL_PTR(kvrealloc(object, 0, GFP_KERNEL)));
	EXPECT(msync(object, PAGE_BYTES, MS_ASYNC) != 0);
	EXPECT_EQ(kvrealloc(kmalloc(100, GFP_KERNEL), 0, GFP_KERNEL), ZERO_SIZE_PTR);
	check_everything();
}

TEST(a_mapping_moves_to_where_it_is_aligned)
{
	enum { ALIGN = 1 << 20 };
	unsigned char *object = kvmalloc(5 * MiB, GFP_KERNEL);

	fill(object, 5 * MiB);
	EXPECT_REFUSED(kvrealloc_node_align(object, 6 * MiB, ALIGN, GFP_KERNEL, NUMA_NO_NODE), EINVAL);
	object = kvrealloc_node_align(object, 2 * MiB, ALIGN, GFP_KERNEL, NUMA_NO_NODE);
	EXPECT_NE(object, NULL);
	EXPECT_EQ((size_t)object % ALIGN, 0);
	expect_filled(object, 2 * MiB);
	kvfree(object);
	EXPECT_NULL(kvrealloc_node_align(kvmalloc(5 * MiB, GFP_KERNEL), 0, ALIGN, GFP_KERNEL, NUMA_NO_NODE));
	check_everything();
}

TEST(a_mapping_grows_and_shrinks_by_page_tables)
{
	unsigned char *pages = vrealloc(NULL, 5 * MiB, GFP_KERNEL), *end;

	fill(pages, 5 * MiB);
	pages = vrealloc(pages, 50 * MiB, GFP_KERNEL);
	expect_filled(pages, 5 * MiB);
	for (size_t i = 5 * MiB; i < 50 * MiB; i += 4096)
		EXPECT_EQ(pages[i], 0);
	pages = vrealloc(pages, MiB, GFP_KERNEL);
	expect_filled(pages, MiB);
	end = pages + MiB;
	EXPECT(msync(end, PAGE_BYTES, MS_ASYNC) != 0);
	EXPECT_NULL(vrealloc(pages, 0, GFP_KERNEL));
	EXPECT_NULL(vrealloc(NULL, 0, GFP_KERNEL));
	EXPECT(msync(pages, PAGE_BYTES, MS_ASYNC) != 0);
}

TEST(a_mapping_that_always_asks_for_zeroes_finds_them)
{
	unsigned char *pages = vzalloc(5 * MiB);

	memset(pages, 0xff, 5 * MiB);
	pages = vrealloc(pages, 5 * MiB - 3000, GFP_KERNEL | __GFP_ZERO);
	pages = vrealloc(pages, 6 * MiB, GFP_KERNEL | __GFP_ZERO);
	EXPECT_EQ(pages[5 * MiB - 3001], 0xff);
	for (size_t i = 5 * MiB - 3000; i < 6 * MiB; i++)
		EXPECT_EQ(pages[i], 0);
	vfree(pages);
}

TEST(a_refused_resize_leaves_a_mapping_as_it_is)
{
	unsigned char *pages;

	fake_os_install();
	pages = vmalloc(5 * MiB);
	fill(pages, 5 * MiB);
	EXPECT_REFUSED(vrealloc(pages, 6 * MiB, GFP_NOWAIT), ENOMEM);
	EXPECT_REFUSED(vrealloc(pages, SIZE_MAX - 5, GFP_KERNEL), ENOMEM);
	fake_os_refuse_from(1);
	EXPECT_REFUSED(vrealloc(pages, 6 * MiB, GFP_KERNEL), ENOMEM);
	EXPECT_REFUSED(kvrealloc(pages, 6 * MiB, GFP_KERNEL), ENOMEM);
	EXPECT_EQ(vrealloc(pages, 2 * MiB, GFP_KERNEL), pages);
	EXPECT_EQ(vrealloc(pages, 5 * MiB, GFP_NOWAIT), pages);
	expect_filled(pages, 5 * MiB);
	fake_os_refuse(0);
	vfree(pages);
}

TEST(aligned_memory_of_any_size)
{
	static const size_t sizes[] = { 1, 100, 5000, 4 << 20, 5 << 20 };

	for (int i = 0; i < 5; i++)
		for (size_t align = 1; align <= 4096; align *= 8) {
			char *object = kvmalloc_node_align(sizes[i], align, GFP_KERNEL, NUMA_NO_NODE);

			EXPECT_EQ((size_t)object % align, 0);
			memset(object, 1, sizes[i]);
			object = kvrealloc_node_align(object, 2 * sizes[i], align, GFP_KERNEL,
						      NUMA_NO_NODE);
			EXPECT_EQ((size_t)object % align, 0);
			kvfree(object);
		}
	EXPECT_REFUSED(kvmalloc_node_align(5 << 20, 8192, GFP_KERNEL, NUMA_NO_NODE), EINVAL);
	EXPECT_REFUSED(kvmalloc_node_align(10, 8 << 20, GFP_KERNEL, NUMA_NO_NODE), EINVAL);
}

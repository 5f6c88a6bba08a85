#include <errno.h>
#include <sys/mman.h>

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

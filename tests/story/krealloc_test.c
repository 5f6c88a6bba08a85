#include <errno.h>

#include "harness/look.h"
#include "harness/test.h"

static unsigned char *filled(size_t size)
{
	unsigned char *object = kmalloc(size, GFP_KERNEL);

	for (size_t i = 0; i < ksize(object); i++)
		object[i] = (unsigned char)(i * 7);
	return object;
}

static void expect_kept(const unsigned char *object, size_t size)
{
	for (size_t i = 0; i < size; i++)
		EXPECT_EQ(object[i], (unsigned char)(i * 7));
}

TEST(nothing_grows_into_something)
{
	void *object = krealloc(NULL, 100, GFP_KERNEL);

	EXPECT_EQ(ksize(object), 128);
	kfree(object);
	object = krealloc(ZERO_SIZE_PTR, 100, GFP_KERNEL);
	EXPECT_EQ(ksize(object), 128);
	kfree(object);
}

TEST_ON(FOUR_CPUS, something_shrinks_into_nothing)
{
	void *object;

	run_on_cpu(0);
	object = kmalloc(100, GFP_KERNEL);
	EXPECT_EQ(krealloc(object, 0, GFP_KERNEL), ZERO_SIZE_PTR);
	EXPECT_EQ(kmalloc(100, GFP_KERNEL), object);
	EXPECT_EQ(krealloc(NULL, 0, GFP_KERNEL), ZERO_SIZE_PTR);
}

TEST(what_fits_stays_where_it_is)
{
	unsigned char *object = filled(100);

	EXPECT_EQ(krealloc(object, 128, GFP_KERNEL), object);
	EXPECT_EQ(krealloc(object, 1, GFP_KERNEL), object);
	EXPECT_EQ(krealloc(object, 97, GFP_KERNEL), object);
	expect_kept(object, 128);
}

TEST(what_does_not_fit_moves_with_its_contents)
{
	unsigned char *object = filled(32);
	size_t size = 32;

	for (; size <= KMALLOC_MAX_SIZE / 2; size *= 2) {
		object = krealloc(object, size + 1, GFP_KERNEL);
		EXPECT_NE(object, NULL);
		expect_kept(object, 32);
	}
	kfree(object);
	check_everything();
}

TEST(new_bytes_beyond_the_old_object_are_cleared_when_asked)
{
	unsigned char *dirty = kmalloc(256, GFP_KERNEL), *object = filled(128);

	memset(dirty, 0xff, 256);
	kfree(dirty);
	object = krealloc(object, 256, GFP_KERNEL | __GFP_ZERO);
	expect_kept(object, 128);
	for (int i = 128; i < 256; i++)
		EXPECT_EQ(object[i], 0);
}

TEST(a_refusal_leaves_the_old_object_as_it_is)
{
	unsigned char *object = filled(100);

	EXPECT_REFUSED(krealloc(object, KMALLOC_MAX_SIZE + 1, GFP_KERNEL), ENOMEM);
	EXPECT_REFUSED(krealloc(object, SIZE_MAX, GFP_KERNEL), ENOMEM);
	EXPECT_REFUSED(krealloc_array(object, SIZE_MAX / 4, 8, GFP_KERNEL), ENOMEM);
	expect_kept(object, 128);
	kfree(object);
	check_everything();
}

TEST(arrays_grow_by_elements)
{
	unsigned char *object = krealloc_array(filled(64), 100, 8, GFP_KERNEL);

	expect_kept(object, 64);
	EXPECT_EQ(ksize(object), 1024);
	EXPECT_EQ(krealloc_array(object, 0, 8, GFP_KERNEL), ZERO_SIZE_PTR);
	object = krealloc_array(NULL, 3, 100, GFP_KERNEL);
	EXPECT_EQ(ksize(object), 512);
}

TEST(objects_of_a_cache_grow_too)
{
	struct kmem_cache *cache = cache_of("story", 72);
	unsigned char *object = kmem_cache_alloc(cache, GFP_KERNEL), *moved;

	memset(object, 3, 72);
	EXPECT_EQ(krealloc(object, 72, GFP_KERNEL), object);
	moved = krealloc(object, 73, GFP_KERNEL);
	EXPECT_NE(moved, object);
	EXPECT_EQ(moved[71], 3);
	EXPECT_EQ(kmem_cache_shrink(cache), 0);
}

static void expect_zero(const unsigned char *object, size_t from, size_t to)
{
	for (size_t i = from; i < to; i++)
		EXPECT_EQ(object[i], 0);
}

/* Down and up again within the same object: what was given up reads as zero. */
TEST(who_always_asks_for_zeroes_finds_them_where_it_grows)
{
	unsigned char *object = kzalloc(100, GFP_KERNEL);

	memset(object, 0xff, 100);
	EXPECT_EQ(krealloc(object, 40, GFP_KERNEL | __GFP_ZERO), object);
	EXPECT_EQ(krealloc(object, 120, GFP_KERNEL | __GFP_ZERO), object);
	EXPECT_EQ(object[39], 0xff);
	expect_zero(object, 40, 120);
	object = krealloc(object, 4000, GFP_KERNEL | __GFP_ZERO);
	EXPECT_EQ(object[39], 0xff);
	expect_zero(object, 40, 4000);
	kfree(object);
}

TEST_ON("debug:FZPU", and_finds_them_with_checks_too)
{
	unsigned char *object = kzalloc(100, GFP_KERNEL);

	memset(object, 0xff, 100);
	object = krealloc(object, 40, GFP_KERNEL | __GFP_ZERO);
	object = krealloc(object, 110, GFP_KERNEL | __GFP_ZERO);
	EXPECT_EQ(object[39], 0xff);
	expect_zero(object, 40, 110);
	kfree(object);
	check_everything();
}

TEST(an_alignment_is_kept_or_reached_by_moving)
{
	static const size_t sizes[] = { 1, 40, 96, 150, 5000 };

	for (size_t i = 0; i < 5; i++)
		for (size_t align = 1; align <= 1 << 16; align *= 4) {
			unsigned char *object = filled(sizes[i]);

			object = krealloc_node_align(object, sizes[i] + 1, align, GFP_KERNEL,
						     NUMA_NO_NODE);
			EXPECT_EQ((size_t)object % align, 0);
			expect_kept(object, sizes[i]);
			EXPECT_EQ(krealloc_node_align(object, sizes[i], align, GFP_KERNEL,
						      NUMA_NO_NODE), object);
			kfree(object);
		}
	EXPECT_EQ(krealloc_node_align(NULL, 0, 64, GFP_KERNEL, 0), ZERO_SIZE_PTR);
	EXPECT_REFUSED(krealloc_node_align(NULL, 8, 8 << 20, GFP_KERNEL, 0), ENOMEM);
	kfree(krealloc_node_align(NULL, 8, 0, GFP_KERNEL, 0));
}

TEST_ON(FOUR_CPUS_TWO_NODES, only_who_insists_on_a_node_is_moved_there)
{
	unsigned char *object;

	run_on_cpu(0);
	object = filled(100);
	EXPECT_EQ(krealloc_node_align(object, 90, 1, GFP_KERNEL, 1), object);
	object = krealloc_node_align(object, 90, 1, GFP_KERNEL | __GFP_THISNODE, 1);
	EXPECT_EQ(node_of_address(object), 1);
	expect_kept(object, 90);
	EXPECT_EQ(krealloc_node_align(object, 90, 1, GFP_KERNEL | __GFP_THISNODE, 1), object);
	EXPECT_REFUSED(krealloc_node_align(object, 90, 1, GFP_KERNEL | __GFP_THISNODE, 9), EINVAL);
	kfree(object);
}

/* Hooks know what was asked for; what may be used is more. */
TEST_ON("debug:A", cleared_memory_is_clear_as_far_as_it_may_be_used)
{
	unsigned char *object = kmalloc(1000, GFP_KERNEL);

	EXPECT_EQ(ksize(object), 1024);
	memset(object, 0xff, 1024);
	kfree(object);
	EXPECT_EQ(kzalloc(520, GFP_KERNEL), object);
	expect_zero(object, 0, 1024);
	EXPECT_EQ(krealloc(object, 600, GFP_KERNEL | __GFP_ZERO), object);
	expect_zero(object, 0, 1024);
	kfree(object);
}

#include <errno.h>
#include <ukmem/buckets.h>
#include <ukmem/pages.h>

#include "harness/look.h"
#include "harness/test.h"

static const char *cache_name(const void *object)
{
	return cache_of_layout(slab_of_object(object)->layout)->name;
}

TEST(buckets_are_kmalloc_s_sizes_in_caches_of_their_own)
{
	kmem_buckets *mine = kmem_buckets_create("mine", 0, 0, 0, NULL);
	kmem_buckets *yours = kmem_buckets_create("yours", 0, 0, 0, NULL);

	for (size_t size = 1; size <= KMALLOC_MAX_SIZE; size = size * 3 / 2 + 1) {
		void *a = kmem_buckets_alloc(mine, size, GFP_KERNEL);
		void *b = kmem_buckets_alloc(yours, size, GFP_KERNEL), *c = kmalloc(size, GFP_KERNEL);

		EXPECT_EQ(ksize(a), ksize(c));
		EXPECT_EQ(strncmp(cache_name(a), "mine-", 5), 0);
		EXPECT_EQ(strncmp(cache_name(b), "yours-", 6), 0);
		EXPECT_STR(cache_name(a) + 4, cache_name(c) + 7);       /* "-64", "-2k" */
		kfree(a);
		kfree(b);
		kfree(c);
	}
	kmem_buckets_destroy(mine);
	kmem_buckets_destroy(yours);
	EXPECT_NULL(slabinfo_line("mine-64"));
	check_everything();
}

TEST(buckets_serve_zero_and_large_sizes_as_kmalloc_and_kvmalloc_do)
{
	kmem_buckets *buckets = kmem_buckets_create("mine", 0, 0, 0, NULL);
	char *large = kmem_buckets_valloc(buckets, KMALLOC_MAX_SIZE + 1, GFP_KERNEL);

	EXPECT_EQ(kmem_buckets_alloc(buckets, 0, GFP_KERNEL), ZERO_SIZE_PTR);
	EXPECT_REFUSED(kmem_buckets_alloc(buckets, KMALLOC_MAX_SIZE + 1, GFP_KERNEL), ENOMEM);
	large[KMALLOC_MAX_SIZE] = 1;
	kvfree(large);
	EXPECT_STR(cache_name(kmem_buckets_valloc(buckets, 100, GFP_KERNEL)), "mine-128");
	EXPECT_STR(cache_name(kmem_buckets_alloc(NULL, 100, GFP_KERNEL)), "kmalloc-128");
	EXPECT_STR(cache_name(kmem_buckets_valloc(NULL, 100, GFP_KERNEL)), "kmalloc-128");
}

TEST(a_window_is_cut_to_each_size)
{
	kmem_buckets *buckets = kmem_buckets_create("mine", 0, 48, 100, NULL);
	struct kmem_cache *small = cache_of_layout(slab_of_object(
				kmem_buckets_alloc(buckets, 32, GFP_KERNEL))->layout);
	struct kmem_cache *middle = cache_of_layout(slab_of_object(
				kmem_buckets_alloc(buckets, 64, GFP_KERNEL))->layout);
	struct kmem_cache *large = cache_of_layout(slab_of_object(
				kmem_buckets_alloc(buckets, 256, GFP_KERNEL))->layout);

	EXPECT_EQ(small->usersize, 0);
	EXPECT_EQ(middle->useroffset, 48);
	EXPECT_EQ(middle->usersize, 16);
	EXPECT_EQ(large->useroffset, 48);
	EXPECT_EQ(large->usersize, 100);
}

static void write_past_what_was_asked_for(void)
{
	kmem_buckets *buckets = kmem_buckets_create("mine", 0, 0, 0, NULL);
	char *object = kmem_buckets_alloc(buckets, 20, GFP_KERNEL);

	object[20] = 1;
	kfree(object);
}

TEST_ON("debug:FZ", checks_know_the_size_that_was_asked_for)
{
	EXPECT_ABORT(write_past_what_was_asked_for, "write past the end of");
}

TEST(bad_buckets_are_refused_and_nothing_is_left)
{
	EXPECT_REFUSED(kmem_buckets_create(NULL, 0, 0, 0, NULL), EINVAL);
	EXPECT_REFUSED(kmem_buckets_create("", 0, 0, 0, NULL), EINVAL);
	EXPECT_REFUSED(kmem_buckets_create("flag", 1, 0, 0, NULL), EINVAL);
	kmem_buckets_destroy(NULL);
	EXPECT_NULL(slabinfo_line("flag-32"));
}

TEST_ON("reserve_mib:4", where_buckets_have_no_room_a_mapping_serves)
{
	kmem_buckets *buckets = kmem_buckets_create("mine", 0, 0, 0, NULL);
	void *object;

	EXPECT_NE(alloc_pages(GFP_KERNEL, 9), NULL);
	EXPECT_REFUSED(kmem_buckets_alloc(buckets, 3 << 20, GFP_KERNEL), ENOMEM);
	EXPECT_REFUSED(kmem_buckets_valloc(buckets, 3 << 20, GFP_ATOMIC), ENOMEM);
	object = kmem_buckets_valloc(buckets, 3 << 20, GFP_KERNEL | __GFP_NOFAIL);
	EXPECT_NE(object, NULL);
	EXPECT_NULL(zone_of(object));
	kvfree(object);
}

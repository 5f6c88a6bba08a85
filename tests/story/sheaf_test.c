#include <errno.h>
#include <ukmem/sheaf.h>

#include "harness/look.h"
#include "harness/test.h"

TEST(a_sheaf_gives_what_it_was_filled_with_and_no_more)
{
	struct kmem_cache *cache = cache_of("story", 100);
	struct slab_sheaf *sheaf = kmem_cache_prefill_sheaf(cache, GFP_KERNEL, 10);
	void *objects[10];

	for (int i = 0; i < 10; i++) {
		EXPECT_EQ(kmem_cache_sheaf_size(sheaf), 10 - i);
		objects[i] = kmem_cache_alloc_from_sheaf(cache, GFP_NOWAIT, sheaf);
		EXPECT_NE(objects[i], NULL);
		memset(objects[i], i, 100);
	}
	EXPECT_REFUSED(kmem_cache_alloc_from_sheaf(cache, GFP_KERNEL, sheaf), ENOMEM);
	for (int i = 0; i < 10; i++)
		EXPECT_EQ(((char *)objects[i])[99], i);
	give_objects(cache, objects, 10);
	kmem_cache_return_sheaf(cache, GFP_KERNEL, sheaf);
	EXPECT_EQ(kmem_cache_shrink(cache), 0);
	check_everything();
}

TEST(what_is_left_in_a_returned_sheaf_is_free)
{
	struct kmem_cache *cache = cache_of("story", 100);
	struct slab_sheaf *sheaf = kmem_cache_prefill_sheaf(cache, GFP_KERNEL, 500);

	EXPECT_EQ(kmem_cache_shrink(cache), 1);
	kmem_cache_return_sheaf(cache, GFP_KERNEL, sheaf);
	EXPECT_EQ(kmem_cache_shrink(cache), 0);
	EXPECT_EQ(slabs_of(cache), 0);
}

TEST(a_refill_tops_up_and_grows_the_sheaf_when_it_must)
{
	struct kmem_cache *cache = cache_of("story", 100);
	struct slab_sheaf *sheaf = kmem_cache_prefill_sheaf(cache, GFP_KERNEL, 4), *small = sheaf;
	void *object = kmem_cache_alloc_from_sheaf(cache, GFP_KERNEL, sheaf);

	EXPECT_EQ(kmem_cache_refill_sheaf(cache, GFP_KERNEL, &sheaf, 4), 0);
	EXPECT_EQ(kmem_cache_sheaf_size(sheaf), 4);
	EXPECT_EQ(sheaf, small);
	EXPECT_EQ(kmem_cache_refill_sheaf(cache, GFP_KERNEL, &sheaf, 2), 0);
	EXPECT_EQ(kmem_cache_sheaf_size(sheaf), 4);
	EXPECT_EQ(kmem_cache_refill_sheaf(cache, GFP_KERNEL, &sheaf, 1000), 0);
	EXPECT_EQ(kmem_cache_sheaf_size(sheaf), 1000);
	kmem_cache_return_sheaf(cache, GFP_KERNEL, sheaf);
	kmem_cache_free(cache, object);
	EXPECT_EQ(kmem_cache_shrink(cache), 0);
}

TEST(an_object_of_a_sheaf_is_cleared_on_demand_and_constructed_otherwise)
{
	struct kmem_cache *cache = cache_of("story", 100);
	struct slab_sheaf *sheaf = kmem_cache_prefill_sheaf(cache, GFP_KERNEL | __GFP_ZERO, 2);
	unsigned char *object = kmem_cache_alloc_from_sheaf(cache, GFP_KERNEL, sheaf);

	memset(object, 0xff, 100);
	kmem_cache_return_sheaf(cache, GFP_KERNEL, sheaf);
	kmem_cache_free(cache, object);
	sheaf = kmem_cache_prefill_sheaf(cache, GFP_KERNEL, 200);
	for (int i = 0; i < 200; i++) {
		object = kmem_cache_alloc_from_sheaf(cache, __GFP_ZERO, sheaf);
		for (int byte = 0; byte < 100; byte++)
			EXPECT_EQ(object[byte], 0);
	}
}

TEST(sizes_out_of_range_are_refused)
{
	struct kmem_cache *cache = cache_of("story", 16);
	struct slab_sheaf *sheaf = kmem_cache_prefill_sheaf(cache, GFP_KERNEL, 1 << 18), *none = NULL;

	EXPECT_EQ(kmem_cache_sheaf_size(sheaf), 1 << 18);
	EXPECT_REFUSED(kmem_cache_prefill_sheaf(cache, GFP_KERNEL, 0), EINVAL);
	EXPECT_REFUSED(kmem_cache_prefill_sheaf(cache, GFP_KERNEL, (1 << 18) + 1), EINVAL);
	EXPECT_REFUSED(kmem_cache_prefill_sheaf(cache, GFP_KERNEL, UINT32_MAX), EINVAL);
	EXPECT_EQ(kmem_cache_refill_sheaf(cache, GFP_KERNEL, &sheaf, 0), -EINVAL);
	EXPECT_EQ(kmem_cache_refill_sheaf(cache, GFP_KERNEL, &sheaf, UINT32_MAX), -EINVAL);
	EXPECT_EQ(kmem_cache_refill_sheaf(cache, GFP_KERNEL, &none, 1), -EINVAL);
	EXPECT_EQ(kmem_cache_refill_sheaf(cache, GFP_KERNEL, NULL, 1), -EINVAL);
	EXPECT_EQ(kmem_cache_sheaf_size(sheaf), 1 << 18);
	EXPECT_EQ(kmem_cache_sheaf_size(NULL), 0);
	kmem_cache_return_sheaf(cache, GFP_KERNEL, NULL);
	kmem_cache_return_sheaf(cache, GFP_KERNEL, sheaf);
}

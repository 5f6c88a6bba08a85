#include <errno.h>
#include <stdio.h>
#include <sys/mman.h>

#include "harness/look.h"
#include "harness/test.h"

static const size_t classes[] = {
	32, 64, 96, 128, 192, 256, 512, 1024, 2048, 4096, 8192, 16384, 32768, 65536, 131072,
	262144, 524288, 1048576, 2097152, 4194304,
};

TEST(every_class_serves_its_size_and_one_byte_more_than_the_class_below)
{
	size_t below = 0;

	for (size_t i = 0; i < ARRAY_LENGTH(classes); i++) {
		char *least = kmalloc(below + 1, GFP_KERNEL), *most = kmalloc(classes[i], GFP_KERNEL);

		EXPECT_EQ(ksize(least), classes[i]);
		EXPECT_EQ(ksize(most), classes[i]);
		memset(least, 1, classes[i]);
		memset(most, 2, classes[i]);
		EXPECT_EQ(least[classes[i] - 1], 1);
		kfree(least);
		kfree(most);
		below = classes[i];
	}
	check_everything();
}

TEST(who_has_no_malloc_of_ours_has_no_table_of_its_classes)
{
	kfree(kmalloc(100, GFP_KERNEL));
	EXPECT_NE(class_rows[CLASSES_OF_KMALLOC], NULL);
	EXPECT_NULL(class_rows[CLASSES_OF_MALLOC]);
}

TEST(powers_of_two_are_aligned_to_themselves)
{
	for (size_t size = 32; size <= KMALLOC_MAX_SIZE; size *= 2)
		for (int i = 0; i < 4; i++)
			EXPECT_EQ((size_t)kmalloc(size, GFP_KERNEL) % size, 0);
}

TEST(everything_is_aligned_for_any_type)
{
	for (size_t size = 1; size < 5000; size += 7)
		EXPECT_EQ((size_t)kmalloc(size, GFP_KERNEL) % 32, 0);
}

TEST(nothing_is_a_pointer_that_may_be_freed)
{
	EXPECT_EQ(kmalloc(0, GFP_KERNEL), ZERO_SIZE_PTR);
	EXPECT_EQ(kzalloc(0, GFP_KERNEL), ZERO_SIZE_PTR);
	EXPECT_EQ(kmalloc_node(0, GFP_KERNEL, 0), ZERO_SIZE_PTR);
	EXPECT_EQ(kcalloc(0, 100, GFP_KERNEL), ZERO_SIZE_PTR);
	EXPECT_EQ(kmalloc_array(100, 0, GFP_KERNEL), ZERO_SIZE_PTR);
	EXPECT_EQ(kvmalloc(0, GFP_KERNEL), ZERO_SIZE_PTR);
	EXPECT_EQ(ksize(ZERO_SIZE_PTR), 0);
	EXPECT_EQ(ksize(NULL), 0);
	kfree(ZERO_SIZE_PTR);
	kfree(NULL);
	kvfree(ZERO_SIZE_PTR);
	kvfree(NULL);
	kfree_sensitive(NULL);
	kfree_sensitive(ZERO_SIZE_PTR);
	EXPECT(ZERO_OR_NULL_PTR(NULL) && ZERO_OR_NULL_PTR(ZERO_SIZE_PTR));
}

TEST(cleared_memory_is_clear_whatever_was_there)
{
	for (size_t i = 0; i < ARRAY_LENGTH(classes); i++) {
		unsigned char *dirty = kmalloc(classes[i], GFP_KERNEL), *clear;

		memset(dirty, 0xff, classes[i]);
		kfree(dirty);
		clear = i % 2 != 0 ? kzalloc(classes[i], GFP_KERNEL) :
				     kcalloc(classes[i] / 8, 8, GFP_KERNEL);
		for (size_t byte = 0; byte < classes[i]; byte++)
			EXPECT_EQ(clear[byte], 0);
		kfree(clear);
	}
}

TEST(types_have_caches_of_their_own)
{
	void *normal = kmalloc(100, GFP_KERNEL);
	void *reclaimable = kmalloc(100, GFP_KERNEL | __GFP_RECLAIMABLE);
	void *dma = kmalloc(100, GFP_KERNEL | __GFP_DMA);
	void *both = kmalloc(100, GFP_KERNEL | __GFP_DMA | __GFP_RECLAIMABLE);

	EXPECT_STR(cache_of_layout(slab_of_object(normal)->layout)->name, "kmalloc-128");
	EXPECT_STR(cache_of_layout(slab_of_object(reclaimable)->layout)->name, "kmalloc-rcl-128");
	EXPECT_STR(cache_of_layout(slab_of_object(dma)->layout)->name, "dma-kmalloc-128");
	EXPECT_EQ(slab_of_object(both)->layout, slab_of_object(dma)->layout);
	EXPECT_EQ(cache_of_layout(slab_of_object(reclaimable)->layout)->flags & SLAB_RECLAIM_ACCOUNT,
		  SLAB_RECLAIM_ACCOUNT);
	kfree(normal);
	kfree(reclaimable);
	kfree(dma);
	kfree(both);
	check_everything();
}

TEST(caches_of_all_classes_are_named_and_sized_as_in_linux)
{
	static const char *const names[] = {
		"kmalloc-32", "kmalloc-64", "kmalloc-96", "kmalloc-128", "kmalloc-192",
		"kmalloc-256", "kmalloc-512", "kmalloc-1k", "kmalloc-2k", "kmalloc-4k",
		"kmalloc-8k", "kmalloc-16k", "kmalloc-32k", "kmalloc-64k", "kmalloc-128k",
		"kmalloc-256k", "kmalloc-512k", "kmalloc-1M", "kmalloc-2M", "kmalloc-4M",
	};

	for (size_t i = 0; i < ARRAY_LENGTH(names); i++) {
		struct kmem_cache *cache =
			cache_of_layout(slab_of_object(kmalloc(classes[i], GFP_KERNEL))->layout);

		EXPECT_STR(cache->name, names[i]);
		EXPECT_EQ(cache->layout.object_size, classes[i]);
	}
}

TEST(what_is_freed_from_a_cache_by_kfree_is_free)
{
	struct kmem_cache *cache = cache_of("story", 200);
	void *object = kmem_cache_alloc(cache, GFP_KERNEL);

	EXPECT_EQ(ksize(object), 200);
	kfree(object);
	EXPECT_EQ(kmem_cache_shrink(cache), 0);
}

TEST(a_bulk_of_kfree_takes_all_kinds)
{
	void *objects[] = { kmalloc(10, GFP_KERNEL), NULL, ZERO_SIZE_PTR,
			    kmalloc(100000, GFP_KERNEL), kmalloc(1000, GFP_KERNEL) };

	kfree_bulk(5, objects);
	check_everything();
}

TEST_ON(FOUR_CPUS, sensitive_memory_is_cleared_when_it_is_freed)
{
	unsigned char *object;

	run_on_cpu(0);
	object = kmalloc(100, GFP_KERNEL);
	memset(object, 0xaa, 128);
	kfree_sensitive(object);
	EXPECT_EQ(kmalloc(100, GFP_KERNEL), object);
	for (int i = 0; i < 128; i++)
		EXPECT_EQ(object[i], 0);
}

TEST(copies_are_equal_and_their_own)
{
	char from[] = "what is copied", *copy = kmemdup(from, sizeof(from), GFP_KERNEL);

	EXPECT_STR(copy, from);
	from[0] = 'W';
	EXPECT_STR(copy, "what is copied");
	kfree(copy);
	copy = kstrdup(from, GFP_KERNEL);
	EXPECT_STR(copy, from);
	kfree(copy);
	copy = kstrndup(from, 4, GFP_KERNEL);
	EXPECT_STR(copy, "What");
	kfree(copy);
	copy = kstrndup("ab\0cd", 5, GFP_KERNEL);
	EXPECT_STR(copy, "ab");
	kfree(copy);
	copy = kstrndup(from, SIZE_MAX, GFP_KERNEL);
	EXPECT_STR(copy, from);
	kfree(copy);
	copy = kstrndup(from, 0, GFP_KERNEL);
	EXPECT_STR(copy, "");
	EXPECT_NULL(kstrdup(NULL, GFP_KERNEL));
	EXPECT_NULL(kstrndup(NULL, 7, GFP_KERNEL));
	EXPECT_EQ(kmemdup(from, 0, GFP_KERNEL), ZERO_SIZE_PTR);
}

/* strndup may not look beyond @max: the byte after it is not ours. */
TEST(a_bounded_copy_reads_no_further)
{
	char *pages = mmap(NULL, 2 * PAGE_BYTES, PROT_READ | PROT_WRITE,
			   MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);

	EXPECT_EQ(mprotect(pages + PAGE_BYTES, PAGE_BYTES, PROT_NONE), 0);
	memset(pages, 'x', PAGE_BYTES);
	EXPECT_STR(kstrndup(pages + PAGE_BYTES - 3, 3, GFP_KERNEL), "xxx");
}

TEST(large_objects_of_several_orders_live_side_by_side)
{
	unsigned char *objects[40];
	uint64_t random = 7;

	for (unsigned i = 0; i < 40; i++) {
		size_t size = 4096 + random_next(&random) % (KMALLOC_MAX_SIZE / 4);

		objects[i] = kmalloc(size, GFP_KERNEL);
		memset(objects[i], (int)i, ksize(objects[i]));
	}
	for (unsigned i = 0; i < 40; i++) {
		EXPECT_EQ(objects[i][0], i);
		EXPECT_EQ(objects[i][ksize(objects[i]) - 1], i);
		kfree(objects[i]);
	}
	check_everything();
}

/* ---- kfree finds the array by class (cpu/classes.h) ------------------------------------- */

static struct kmem_cache *cache_of_object(const void *object)
{
	return cache_of_layout(virt_to_head_page(object)->layout);
}

TEST_ON(FOUR_CPUS, kfree_pushes_into_the_array_that_kmalloc_pops_from)
{
	struct array_cache *array;
	unsigned before;
	void *object;

	run_on_cpu(0);
	object = kmalloc(200, GFP_KERNEL);
	array = array_of(cache_of_object(object), 0);
	before = array->avail;
	kfree(object);
	EXPECT_EQ(array->avail, before + 1);
	EXPECT_EQ(array->entry[before], object);
	check_everything();
}

TEST_ON(FOUR_CPUS, kfree_knows_the_array_that_tune_put_in)
{
	struct kmem_cache *cache;
	void *object, *other;

	run_on_cpu(0);
	object = kmalloc(200, GFP_KERNEL);
	other = kmalloc(200, GFP_KERNEL);
	cache = cache_of_object(object);
	kfree(object);
	EXPECT_EQ(kmem_cache_tune(cache, 30, 10, 1), 0);
	check_everything();
	kfree(other);
	object = kmalloc(200, GFP_KERNEL);
	EXPECT_EQ(object, other);
	EXPECT_EQ(array_of(cache, 0)->limit, 30);
	kfree(object);
	EXPECT_EQ(kmem_cache_shrink(cache), 0);
	check_everything();
}

TEST(kfree_takes_objects_of_any_cache_all_the_same)
{
	struct kmem_cache *cache = cache_of("of a type", 200);
	void *object = kmem_cache_alloc(cache, GFP_KERNEL);

	EXPECT_EQ(cache->layout.page_class, 0);
	kfree(object);
	EXPECT_EQ(kmem_cache_alloc(cache, GFP_KERNEL), object);
	kmem_cache_free(cache, object);
	check_everything();
}

/*
 * Bad arguments to the calls that take a cache, a size, a node or a text.
 */
#include <errno.h>
#include <stdlib.h>

#include "harness/look.h"
#include "harness/test.h"

TEST(no_cache_is_answered_where_the_header_says_so)
{
	EXPECT_EQ(kmem_cache_shrink(NULL), -EINVAL);
	EXPECT_EQ(kmem_cache_tune(NULL, 1, 1, 0), -EINVAL);
	EXPECT_EQ(kmem_cache_size(NULL), 0);
	EXPECT_NULL(kmem_cache_name(NULL));
	kmem_cache_destroy(NULL);
}

TEST(sizes_that_overflow_are_refused_by_every_array_call)
{
	static const struct {
		size_t n, size;
	} overflows[] = {
		{ SIZE_MAX, 2 }, { 2, SIZE_MAX }, { SIZE_MAX, SIZE_MAX },
		{ (size_t)1 << 32, (size_t)1 << 32 }, { SIZE_MAX / 8 + 1, 8 },
		{ (size_t)1 << 63, 2 },
	};

	for (size_t i = 0; i < ARRAY_LENGTH(overflows); i++) {
		size_t n = overflows[i].n, size = overflows[i].size;

		EXPECT_REFUSED(kmalloc_array(n, size, GFP_KERNEL), ENOMEM);
		EXPECT_REFUSED(kcalloc(n, size, GFP_KERNEL), ENOMEM);
		EXPECT_REFUSED(krealloc_array(NULL, n, size, GFP_KERNEL), ENOMEM);
		EXPECT_REFUSED(kvmalloc_array(n, size, GFP_KERNEL), ENOMEM);
		EXPECT_REFUSED(kvcalloc(n, size, GFP_KERNEL), ENOMEM);
	}
}

TEST(sizes_above_the_largest_are_refused_by_every_call)
{
	static const size_t sizes[] = {
		KMALLOC_MAX_SIZE + 1, KMALLOC_MAX_SIZE * 2, (size_t)1 << 40, SIZE_MAX - 1, SIZE_MAX,
	};

	for (size_t i = 0; i < ARRAY_LENGTH(sizes); i++) {
		EXPECT_REFUSED(kmalloc(sizes[i], GFP_KERNEL), ENOMEM);
		EXPECT_REFUSED(kzalloc(sizes[i], GFP_KERNEL), ENOMEM);
		EXPECT_REFUSED(kmalloc_node(sizes[i], GFP_KERNEL, 0), ENOMEM);
		EXPECT_REFUSED(kzalloc_node(sizes[i], GFP_KERNEL, NUMA_NO_NODE), ENOMEM);
		EXPECT_REFUSED(krealloc(NULL, sizes[i], GFP_KERNEL), ENOMEM);
		EXPECT_REFUSED(kmemdup("x", sizes[i], GFP_KERNEL), ENOMEM);
		if (sizes[i] > (size_t)1 << 62)
			EXPECT_REFUSED(kvmalloc(sizes[i], GFP_KERNEL), ENOMEM);
	}
}

TEST(odd_gfp_flags_are_accepted)
{
	static const gfp_t flags[] = {
		0, __GFP_NOWARN | GFP_KERNEL, __GFP_HIGHMEM | GFP_KERNEL, GFP_USER, GFP_NOIO,
		GFP_NOFS, GFP_DMA32 | GFP_KERNEL, GFP_KERNEL_ACCOUNT, __GFP_COMP | GFP_KERNEL,
		__GFP_RETRY_MAYFAIL | GFP_KERNEL, __GFP_MEMALLOC | GFP_KERNEL, ~__GFP_NOFAIL, ~0u,
		~0u >> 1,
	};

	kfree(kmalloc(100, GFP_KERNEL));
	for (size_t i = 0; i < ARRAY_LENGTH(flags); i++) {
		void *object = kmalloc(100, flags[i]);

		EXPECT_NE(object, NULL);
		kfree(object);
	}
	check_everything();
}

static const struct {
	int limit, batchcount, shared;
} bad_tunables[] = {
	{ 0, 0, 0 }, { 0, 1, 0 }, { 1, 0, 0 }, { 1, 2, 0 }, { -1, 1, 0 }, { 10, -5, 0 },
	{ 10, 5, -1 }, { 65536, 1, 0 }, { INT32_MAX, INT32_MAX, INT32_MAX },
	{ INT32_MIN, INT32_MIN, INT32_MIN }, { 65535, 65535, 2 }, { 100, 50, INT32_MAX },
};

TEST(bad_tunables_change_nothing)
{
	struct kmem_cache *cache = cache_of("story", 64);
	unsigned limit = cache->cpu.limit, batchcount = cache->cpu.batchcount;
	unsigned shared = cache->cpu.shared;

	for (size_t i = 0; i < ARRAY_LENGTH(bad_tunables); i++) {
		EXPECT_EQ(kmem_cache_tune(cache, bad_tunables[i].limit, bad_tunables[i].batchcount,
					  bad_tunables[i].shared), -EINVAL);
		EXPECT_EQ(cache->cpu.limit, limit);
		EXPECT_EQ(cache->cpu.batchcount, batchcount);
		EXPECT_EQ(cache->cpu.shared, shared);
	}
	EXPECT_EQ(kmem_cache_tune(cache, 65535, 65535, 1), 0);
	EXPECT_EQ(kmem_cache_tune(cache, 1, 1, 0), 0);
}

/* The good line is "story 40 20 3". */
static const char *const bad_lines[] = {
	"", "\n", " ", "story", "story\n", "story ", "story 40", "story 40 20", "story 40 20 ",
	"story 40 20 x", "story x 20 3", "story 40 x 3", "story, 40 20 3", " story 40 20 3",
	"stor 40 20 3", "storyy 40 20 3", "Story 40 20 3", "stranger 40 20 3", "40 20 3",
	"story\t40 20 3", "story 65536 1 0", "story 65535 65535 2", "story 0x 20 3",
	"story \xff\xff\xff", "# name", "slabinfo - version: 2.1",
	"story story story story", "story 100 50 2147483647",
};

/* Linux takes these as written and does nothing: numbers that cannot be tunables. */
static const char *const idle_lines[] = {
	"story 0 0 0", "story 0 20 3", "story 40 0 3", "story 40 41 3", "story -40 20 3",
	"story 40 -20 3", "story 40 20 -3", "story 20 40 3\n",
};

static void expect_untouched(struct kmem_cache *cache, const char *line)
{
	if (cache->cpu.limit != 120 || cache->cpu.batchcount != 60)
		test_fail(__FILE__, __LINE__, "\"%s\" changed something", line);
}

TEST_ON("profile:slab", a_text_that_is_no_such_line_changes_nothing)
{
	struct kmem_cache *cache = cache_of("story", 64);
	char long_line[5000];

	for (size_t i = 0; i < ARRAY_LENGTH(bad_lines); i++) {
		if (slabinfo_write(bad_lines[i], strlen(bad_lines[i])) != -EINVAL)
			test_fail(__FILE__, __LINE__, "\"%s\" was accepted", bad_lines[i]);
		expect_untouched(cache, bad_lines[i]);
	}
	for (size_t i = 0; i < ARRAY_LENGTH(idle_lines); i++) {
		size_t length = strlen(idle_lines[i]);

		EXPECT_EQ(slabinfo_write(idle_lines[i], length), length);
		expect_untouched(cache, idle_lines[i]);
	}
	memset(long_line, ' ', sizeof(long_line));
	memcpy(long_line, "story 40 20 3", 13);
	EXPECT_EQ(slabinfo_write(long_line, sizeof(long_line)), -EINVAL);
	EXPECT_EQ(slabinfo_write(long_line, 256), -EINVAL);
	EXPECT_EQ(slabinfo_write(long_line, SIZE_MAX), -EINVAL);
	EXPECT_EQ(slabinfo_write(NULL, 5), -EINVAL);
	EXPECT_EQ(slabinfo_write("story 40 20 3", 7), -EINVAL);  /* "story 4" */
	expect_untouched(cache, "a long line");
	EXPECT_EQ(slabinfo_write(long_line, 255), 255);
	EXPECT_EQ(cache->cpu.limit, 40);
}

TEST(random_text_is_never_a_line)
{
	uint64_t random = 99;
	char text[300];

	cache_of("story", 64);
	for (int i = 0; i < 20000; i++) {
		size_t length = random_next(&random) % sizeof(text);

		for (size_t k = 0; k < length; k++)
			text[k] = (char)random_next(&random);
		if (i % 2 == 0 && length > 6)
			memcpy(text, "story ", 6);
		slabinfo_write(text, length);
	}
	check_everything();
}

TEST(a_bulk_of_no_cache_is_of_any)
{
	struct kmem_cache *cache = cache_of("story", 64);
	void *objects[3] = { kmem_cache_alloc(cache, GFP_KERNEL), NULL, kmalloc(100, GFP_KERNEL) };

	kmem_cache_free_bulk(NULL, 3, objects);
	EXPECT_EQ(kmem_cache_shrink(cache), 0);
	check_everything();
}

TEST(nulls_in_a_bulk_are_skipped)
{
	void *objects[3] = { NULL, NULL, NULL };
	struct kmem_cache *cache = cache_of("story", 64);

	kmem_cache_free_bulk(cache, 3, objects);
	kmem_cache_free_bulk(cache, 0, NULL);
	kfree_bulk(3, objects);
	kfree_bulk(0, NULL);
	EXPECT_EQ(kmem_cache_alloc_bulk(cache, GFP_KERNEL, 0, NULL), 0);
	kmem_cache_free(cache, NULL);
	EXPECT_EQ(slabs_of(cache), 0);
}

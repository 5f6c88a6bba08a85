#include "harness/look.h"
#include "harness/test.h"

static void ctor(void *object)
{
	(void)object;
}

static struct kmem_cache *create(unsigned size, unsigned align, slab_flags_t flags)
{
	struct kmem_cache *cache = kmem_cache_create("story", size, align, flags, NULL);

	EXPECT_NE(cache, NULL);
	return cache;
}

TEST(alike_caches_share)
{
	struct kmem_cache *first = kmem_cache_create("first", 200, 0, 0, NULL);

	EXPECT_EQ(kmem_cache_create("second", 200, 0, 0, NULL), first);
	EXPECT_EQ(first->refcount, 2);
	EXPECT_STR(kmem_cache_name(first), "first");
}

/* Whole pages don't begin at the same line (fast profile); who asks for pages gets them. */
TEST_ON("profile:fast", objects_of_a_page_share_a_cache_but_not_with_who_asked_for_pages)
{
	struct kmem_cache *spread = create(4096, 0, 0), *pages = create(4096, 4096, 0);
	char *one = kmem_cache_alloc(spread, GFP_KERNEL), *two = kmem_cache_alloc(spread, GFP_KERNEL);

	EXPECT_EQ(create(4096, 0, 0), spread);
	EXPECT_NE(pages, spread);
	EXPECT_NE((one - two) % 4096, 0);
	EXPECT_EQ((uintptr_t)kmem_cache_alloc(pages, GFP_KERNEL) % 4096, 0);
}

TEST(the_last_user_takes_the_cache_away)
{
	struct kmem_cache *cache = create(200, 0, 0);
	void *object;

	create(200, 0, 0);
	kmem_cache_destroy(cache);
	object = kmem_cache_alloc(cache, GFP_KERNEL);
	EXPECT_NE(object, NULL);
	kmem_cache_free(cache, object);
	EXPECT_NE(slabinfo_line("story"), NULL);
	kmem_cache_destroy(cache);
	EXPECT_NULL(slabinfo_line("story"));
}

TEST(less_than_a_pointer_may_be_wasted)
{
	struct kmem_cache *cache = create(200, 0, 0);

	EXPECT_EQ(create(193, 0, 0), cache);
	EXPECT_NE(create(192, 0, 0), cache);
	EXPECT_NE(create(201, 0, 0), cache);
}

TEST(the_larger_object_size_counts)
{
	struct kmem_cache *cache = create(193, 0, 0);
	unsigned char *object;

	EXPECT_EQ(kmem_cache_size(cache), 193);
	EXPECT_EQ(create(200, 0, 0), cache);
	EXPECT_EQ(kmem_cache_size(cache), 200);
	EXPECT_EQ(create(195, 0, 0), cache);
	EXPECT_EQ(kmem_cache_size(cache), 200);
	object = kmem_cache_alloc(cache, GFP_KERNEL);
	memset(object, 0xff, 200);
	kmem_cache_free(cache, object);
	object = kmem_cache_zalloc(cache, GFP_KERNEL);
	EXPECT_EQ(object[199], 0);
}

TEST(constructors_keep_caches_apart)
{
	struct kmem_cache *cache = create(200, 0, 0);
	struct kmem_cache *with_ctor = kmem_cache_create("ctor", 200, 0, 0, ctor);

	EXPECT_NE(with_ctor, cache);
	EXPECT_NE(kmem_cache_create("ctor", 200, 0, 0, ctor), with_ctor);
	EXPECT_EQ(create(200, 0, 0), cache);
}

TEST(flags_that_want_slabs_of_their_own_keep_caches_apart)
{
	static const slab_flags_t never[] = {
		SLAB_RED_ZONE, SLAB_POISON, SLAB_STORE_USER, SLAB_TRACE, SLAB_TYPESAFE_BY_RCU,
		SLAB_NOLEAKTRACE, SLAB_FAILSLAB,
	};
	struct kmem_cache *plain = create(200, 0, 0);

	for (size_t i = 0; i < ARRAY_LENGTH(never); i++) {
		struct kmem_cache *cache = create(200, 0, never[i]);

		EXPECT_NE(cache, plain);
		EXPECT_NE(create(200, 0, never[i]), cache);
	}
	EXPECT_EQ(create(200, 0, 0), plain);
}

TEST(flags_that_must_be_the_same_keep_different_caches_apart)
{
	static const slab_flags_t same[] = {
		0, SLAB_RECLAIM_ACCOUNT, SLAB_CACHE_DMA, SLAB_CACHE_DMA32, SLAB_ACCOUNT,
	};
	struct kmem_cache *caches[ARRAY_LENGTH(same)];

	for (size_t i = 0; i < ARRAY_LENGTH(same); i++) {
		caches[i] = create(200, 0, same[i]);
		for (size_t k = 0; k < i; k++)
			EXPECT_NE(caches[i], caches[k]);
	}
	for (size_t i = 0; i < ARRAY_LENGTH(same); i++)
		EXPECT_EQ(create(200, 0, same[i]), caches[i]);
}

TEST(a_usercopy_window_keeps_caches_apart)
{
	struct kmem_cache *cache = kmem_cache_create_usercopy("window", 200, 0, 0, 8, 16, NULL);

	EXPECT_NE(create(200, 0, 0), cache);
	EXPECT_NE(kmem_cache_create_usercopy("window", 200, 0, 0, 8, 16, NULL), cache);
	EXPECT_EQ(cache->useroffset, 8);
	EXPECT_EQ(cache->usersize, 16);
}

TEST(the_oldest_match_wins)
{
	struct kmem_cache *oldest = kmem_cache_create("oldest", 4000, 8, SLAB_RED_ZONE, NULL);
	struct kmem_cache *older = create(200, 0, 0), *aligned = create(200, 64, 0);

	(void)oldest;
	EXPECT_NE(aligned, older);
	EXPECT_EQ(create(256, 64, 0), aligned);
	EXPECT_EQ(create(256, 0, 0), aligned);
	EXPECT_EQ(create(200, 0, 0), older);
}

TEST(an_alignment_that_is_not_there_keeps_caches_apart)
{
	struct kmem_cache *cache = create(256, 0, 0);

	EXPECT_NE(create(256, 64, 0), cache);
	EXPECT_NE(create(256, 0, SLAB_HWCACHE_ALIGN), cache);
	EXPECT_EQ(create(256, 8, 0), cache);
}

TEST(kmalloc_shares_with_nobody)
{
	void *object = kmalloc(256, GFP_KERNEL);

	EXPECT_NE(create(256, 0, 0), cache_of_layout(slab_of_object(object)->layout));
}

TEST_ON("slab_nomerge", merging_can_be_switched_off)
{
	struct kmem_cache *cache = create(200, 0, 0);

	EXPECT_NE(create(200, 0, 0), cache);
	EXPECT_EQ(cache->refcount, 1);
}

struct point {
	double x, y, z, more[10];
};

TEST(the_macro_names_a_cache_after_its_type)
{
	struct kmem_cache *cache = KMEM_CACHE(point, SLAB_HWCACHE_ALIGN);

	EXPECT_STR(kmem_cache_name(cache), "point");
	EXPECT_EQ(kmem_cache_size(cache), sizeof(struct point));
	EXPECT_EQ((size_t)kmem_cache_alloc(cache, GFP_KERNEL) % CACHE_LINE_BYTES, 0);
}

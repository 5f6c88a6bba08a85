#include "harness/look.h"
#include "harness/test.h"

TEST(a_window_that_fits_is_kept)
{
	struct kmem_cache *cache = kmem_cache_create_usercopy("story", 64, 0, 0, 60, 4, NULL);

	EXPECT_EQ(cache->useroffset, 60);
	EXPECT_EQ(cache->usersize, 4);
	cache = kmem_cache_create_usercopy("story", 64, 0, 0, 0, 64, NULL);
	EXPECT_EQ(cache->usersize, 64);
}

static const struct {
	unsigned offset, size;
} windows_that_do_not_fit[] = {
	{ 0, 65 }, { 61, 4 }, { 64, 1 }, { 65, 1 }, { ~0u, 1 }, { 1, ~0u }, { ~0u, ~0u },
	{ 32, ~0u - 31 },
};

TEST(a_window_that_does_not_fit_is_said_and_taken_as_empty)
{
	for (size_t i = 0; i < ARRAY_LENGTH(windows_that_do_not_fit); i++) {
		struct kmem_cache *cache;

		log_begin();
		cache = kmem_cache_create_usercopy("odd", 64, 0, 0,
						   windows_that_do_not_fit[i].offset,
						   windows_that_do_not_fit[i].size, NULL);
		EXPECT_CONTAINS(log_end(), "odd: the usercopy window does not fit");
		EXPECT_NE(cache, NULL);
		EXPECT_EQ(cache->usersize, 0);
		EXPECT_EQ(cache->useroffset, 0);
	}
}

TEST(no_window_is_an_ordinary_cache)
{
	struct kmem_cache *cache = kmem_cache_create("story", 200, 0, 0, NULL);

	EXPECT_EQ(cache->usersize, 0);
	EXPECT_EQ(kmem_cache_create_usercopy("story", 200, 0, 0, 0, 0, NULL), cache);
}

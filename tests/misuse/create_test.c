/*
 * Bad requests for a cache: an error, one line in the log, no cache, nothing lost.
 */
#include <errno.h>
#include <stdlib.h>

#include "harness/look.h"
#include "harness/test.h"

static void ctor(void *object)
{
	(void)object;
}

static const struct {
	const char *name;
	unsigned size, align;
	slab_flags_t flags;
	void (*ctor)(void *);
	int error;
} bad[] = {
	{ NULL, 64, 0, 0, NULL, EINVAL },
	{ "", 64, 0, 0, NULL, EINVAL },
	{ "no size", 0, 0, 0, NULL, EINVAL },
	{ "too large", (4 << 20) + 1, 0, 0, NULL, EINVAL },
	{ "much too large", UINT32_MAX, 0, 0, NULL, EINVAL },
	{ "align 3", 64, 3, 0, NULL, EINVAL },
	{ "align 7", 64, 7, 0, NULL, EINVAL },
	{ "align 24", 64, 24, 0, NULL, EINVAL },
	{ "align beyond 4 MiB", 64, 8 << 20, 0, NULL, E2BIG },
	{ "align all ones", 64, UINT32_MAX, 0, NULL, EINVAL },
	{ "align 2 GiB", 64, 1u << 31, 0, NULL, E2BIG },
	{ "flag 1", 64, 0, 1, NULL, EINVAL },
	{ "flag of internal use", 64, 0, 0x80000000u, NULL, EINVAL },
	{ "flag beside good ones", 64, 0, SLAB_HWCACHE_ALIGN | 0x40000000u, NULL, EINVAL },
	{ "all flags", 64, 0, ~0u & ~SLAB_PANIC, NULL, EINVAL },
	{ "no layout", 4 << 20, 0, SLAB_NOLEAKTRACE, ctor, E2BIG },
};

TEST_ON("profile:slab", a_bad_request_says_why_and_makes_no_cache)
{
	size_t meta;

	kfree(kmalloc(100, GFP_KERNEL));
	meta = meta_active_objects();
	for (size_t i = 0; i < ARRAY_LENGTH(bad); i++) {
		const char *log;

		log_begin();
		EXPECT_REFUSED(kmem_cache_create(bad[i].name, bad[i].size, bad[i].align,
						 bad[i].flags, bad[i].ctor), bad[i].error);
		log = log_end();
		EXPECT_CONTAINS(log, "kmem_cache_create(");
		EXPECT_CONTAINS(log, bad[i].name != NULL ? bad[i].name : "null");
		EXPECT_CONTAINS(log, bad[i].error == EINVAL ? "Invalid argument" : "too long");
		EXPECT_EQ(strchr(log, '\n'), log + strlen(log) - 1);
		EXPECT_EQ(meta_active_objects(), meta);
	}
	check_everything();
}

TEST_ON("profile:slab", the_usercopy_form_refuses_the_same)
{
	for (size_t i = 0; i < ARRAY_LENGTH(bad); i++) {
		log_begin();
		EXPECT_REFUSED(kmem_cache_create_usercopy(bad[i].name, bad[i].size, bad[i].align,
				bad[i].flags, 0, 0, bad[i].ctor), bad[i].error);
		log_end();
	}
}

TEST(the_ends_of_what_is_allowed_are_allowed)
{
	char name[1000];

	memset(name, 'n', sizeof(name) - 1);
	name[sizeof(name) - 1] = '\0';
	EXPECT_NE(kmem_cache_create("one byte", 1, 0, 0, NULL), NULL);
	EXPECT_NE(kmem_cache_create("largest", 4 << 20, 0, 0, NULL), NULL);
	EXPECT_NE(kmem_cache_create("align 1", 64, 1, 0, NULL), NULL);
	EXPECT_NE(kmem_cache_create("align a page", 64, 4096, 0, NULL), NULL);
	EXPECT_EQ((size_t)kmem_cache_alloc(kmem_cache_create("align 64 KiB", 64, 65536, 0, NULL),
					   GFP_KERNEL) % 65536, 0);
	EXPECT_NE(kmem_cache_create(name, 64, 0, 0, NULL), NULL);
	EXPECT_NE(kmem_cache_alloc(kmem_cache_create("a slab an object", 4 << 20, 4096, 0, ctor),
				   GFP_KERNEL), NULL);
	check_everything();
}

static void panic_with_a_bad_size(void)
{
	kmem_cache_create("vital", 0, 0, SLAB_PANIC, NULL);
}

static void panic_without_a_name(void)
{
	kmem_cache_create(NULL, 64, 0, SLAB_PANIC, NULL);
}

TEST(with_slab_panic_a_failure_aborts_and_names_the_cache)
{
	EXPECT_ABORT(panic_with_a_bad_size, "kmem_cache_create(vital) failed: Invalid argument");
	EXPECT_ABORT(panic_without_a_name, "kmem_cache_create((null)) failed: Invalid argument");
}

TEST(with_slab_panic_a_success_is_a_cache)
{
	EXPECT_NE(kmem_cache_create("vital", 64, 0, SLAB_PANIC, NULL), NULL);
}

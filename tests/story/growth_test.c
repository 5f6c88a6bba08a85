/*
 * A program that grows uses first what its other caches no longer need.
 */
#include "harness/look.h"
#include "harness/test.h"

enum { OBJECTS = 4096, SIZE = 1024 };

#define FAST "profile:fast reaper:off reap_ms:1000000"

static void *objects[OBJECTS];

/* @cache used OBJECTS and needs none of them any more. */
static void use_and_free(struct kmem_cache *cache)
{
	take_objects(cache, objects, OBJECTS);
	give_objects(cache, objects, OBJECTS);
}

TEST_ON(FAST, free_slabs_of_one_cache_serve_the_growth_of_another)
{
	struct kmem_cache *old = cache_of("old", SIZE), *young = cache_of("young", SIZE + 64);
	size_t slabs, committed;

	use_and_free(old);
	slabs = slabs_of(old);
	committed = pages_committed() - pages_free_count();

	take_objects(young, objects, OBJECTS);
	EXPECT(slabs_of(old) <= slabs / 4);
	EXPECT(pages_committed() - pages_free_count() <= committed + committed / 4);
	give_objects(young, objects, OBJECTS);
	check_everything();
}

TEST_ON(FAST, who_does_not_grow_keeps_its_slabs)
{
	struct kmem_cache *cache = cache_of("story", SIZE);
	size_t slabs;

	use_and_free(cache);
	slabs = slabs_of(cache);
	for (unsigned round = 0; round < 10; round++)
		use_and_free(cache);
	EXPECT_EQ(slabs_of(cache), slabs);
}

TEST_ON("profile:slab reaper:off reap_ms:1000000", the_kernels_numbers_do_not_know_of_it)
{
	struct kmem_cache *old = cache_of("old", SIZE), *young = cache_of("young", SIZE + 64);
	size_t slabs;

	use_and_free(old);
	slabs = slabs_of(old);
	take_objects(young, objects, OBJECTS);
	EXPECT_EQ(slabs_of(old), slabs);
}

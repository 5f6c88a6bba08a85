/*
 * Types apart: memory of a cache with SLAB_TYPE_APART, and by default of one with
 * SLAB_TYPESAFE_BY_RCU, is never another type's.
 */
#include <ukmem/slab.h>

#include <sys/mman.h>

#include "harness/look.h"
#include "harness/test.h"

enum { COUNT = 500, OTHERS = 5000, SIZE = 700 };

static void *objects[COUNT], *others[OTHERS];

static struct kmem_cache *create(const char *name, slab_flags_t flags)
{
	return kmem_cache_create(name, SIZE, 0, flags, NULL);
}

/* All slabs that ever held the objects leave the cache. */
static void use_and_leave(struct kmem_cache *cache)
{
	take_objects(cache, objects, COUNT);
	give_objects(cache, objects, COUNT);
	kmem_cache_shrink(cache);
}

static bool was_an_objects(const void *address)
{
	for (int i = 0; i < COUNT; i++)
		if ((size_t)address >> PAGE_SHIFT == (size_t)objects[i] >> PAGE_SHIFT)
			return true;
	return false;
}

/* How many of as many objects as the memory would hold ten times stand in that memory. */
static int taken_over(struct kmem_cache *cache)
{
	int count = 0;

	take_objects(cache, others, OTHERS);
	for (int i = 0; i < OTHERS; i++)
		count += was_an_objects(others[i]);
	give_objects(cache, others, OTHERS);
	kmem_cache_shrink(cache);
	return count;
}

TEST(pages_of_a_type_apart_are_never_anothers)
{
	use_and_leave(create("apart", SLAB_TYPE_APART));
	EXPECT_EQ(taken_over(create("plain", SLAB_NOLEAKTRACE)), 0);
	EXPECT_EQ(taken_over(create("apart too", SLAB_TYPE_APART)), 0);
	EXPECT_EQ(taken_over(kmem_cache_create("apart", SIZE / 2, 0, SLAB_TYPE_APART, NULL)), 0);
}

TEST(pages_of_a_plain_type_are_anothers_next)
{
	use_and_leave(create("plain", SLAB_NOLEAKTRACE));
	EXPECT(taken_over(create("another", SLAB_NOLEAKTRACE)) > 0);
}

TEST(pages_of_a_type_apart_are_its_own_again)
{
	struct kmem_cache *cache = create("apart", SLAB_TYPE_APART);

	use_and_leave(cache);
	EXPECT(taken_over(cache) >= COUNT);
}

TEST(a_cache_that_is_created_again_finds_the_pages_of_its_type)
{
	struct kmem_cache *cache = create("apart", SLAB_TYPE_APART);

	use_and_leave(cache);
	kmem_cache_destroy(cache);
	EXPECT_EQ(taken_over(create("plain", SLAB_NOLEAKTRACE)), 0);
	EXPECT(taken_over(create("apart", SLAB_TYPE_APART)) >= COUNT);
}

TEST(types_under_rcu_are_apart)
{
	use_and_leave(create("rcu", SLAB_TYPESAFE_BY_RCU));
	EXPECT_EQ(taken_over(create("plain", SLAB_NOLEAKTRACE)), 0);
}

TEST_ON("hardening:off", types_under_rcu_are_not_when_hardening_is_off)
{
	use_and_leave(create("rcu", SLAB_TYPESAFE_BY_RCU));
	EXPECT(taken_over(create("plain", SLAB_NOLEAKTRACE)) > 0);
}

TEST(memory_of_a_type_apart_goes_to_the_os)
{
	unsigned char resident;

	use_and_leave(create("apart", SLAB_TYPE_APART));
	for (int i = 0; i < COUNT; i++) {
		EXPECT_EQ(mincore((void *)((size_t)objects[i] & ~(PAGE_BYTES - 1)), 1, &resident), 0);
		EXPECT_EQ(resident & 1, 0);
	}
}

TEST(a_type_apart_is_not_merged)
{
	EXPECT_NE(create("a", SLAB_TYPE_APART), create("b", SLAB_TYPE_APART));
	EXPECT_NE(create("c", 0), create("d", SLAB_TYPE_APART));
}

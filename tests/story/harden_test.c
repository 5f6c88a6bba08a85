/*
 * Hardening that is always on, or needs no checks: what a plain cache refuses to believe.
 */
#include <ukmem/debug.h>
#include <ukmem/pages.h>

#include <errno.h>

#include "base/list.h"
#include "harness/look.h"
#include "harness/test.h"

static struct kmem_cache *cache;
static char *objects[2000];

/* Past the arrays, all the way into the slabs. */
static void free_interior(void)
{
	cache = cache_of("box", 64);
	take_objects(cache, (void **)objects, 400);
	for (int i = 0; i < 400; i++)
		kmem_cache_free(cache, objects[i] + 8);
	kmem_cache_shrink(cache);
}

TEST(a_free_of_an_interior_pointer_is_seen_when_it_comes_to_its_slab)
{
	EXPECT_ABORT(free_interior, "which is no object's start, in cache box");
}

static void free_twice(void)
{
	cache = cache_of("box", 64);
	take_objects(cache, (void **)objects, 400);
	for (int i = 0; i < 400; i++)
		kmem_cache_free(cache, objects[i]);
	kmem_cache_shrink(cache);
	take_objects(cache, (void **)objects, 2);
	kmem_cache_free(cache, objects[0]);
	kmem_cache_free(cache, objects[0]);
	kmem_cache_shrink(cache);
}

TEST_ON("profile:fast", a_double_free_is_seen_when_it_comes_to_its_slab)
{
	EXPECT_ABORT(free_twice, "which is free already, in cache box");
}

/* Two owners get it, and both give it back. */
static void free_twice_and_share(void)
{
	cache = cache_of("box", 64);
	take_objects(cache, (void **)objects, 300);
	kmem_cache_free(cache, objects[0]);
	kmem_cache_free(cache, objects[0]);
	take_objects(cache, (void **)objects, 300);
	EXPECT_EQ(objects[0], objects[1]);
	give_objects(cache, (void **)objects, 300);
	kmem_cache_shrink(cache);
}

TEST_ON("profile:fast", a_double_free_is_told_when_both_owners_have_freed_what_they_got)
{
	EXPECT_ABORT(free_twice_and_share, "which is free already, in cache box");
}

static void write_into_the_list(void)
{
	cache = cache_of("list", 700);
	take_objects(cache, (void **)objects, 5);
	give_objects(cache, (void **)objects, 5);
	kmem_cache_shrink(cache);
	take_objects(cache, (void **)objects, 2);
	kmem_cache_shrink(cache);       /* the rest is in its slab, whose list is in an object */
	memset(slab_of_object(objects[0])->freelist, 0xee, 4);
	take_objects(cache, (void **)objects, 5);
}

TEST_ON("profile:slab", a_free_list_that_was_overwritten_is_not_followed)
{
	EXPECT_ABORT(write_into_the_list, "cache list: the free list of slab");
}

static void unlink_a_forged_node(void)
{
	struct list head, node, victim;

	list_init(&head);
	list_init(&victim);
	list_add_head(&head, &node);
	node.next = &victim;
	list_remove(&node);
}

TEST(a_list_whose_links_were_overwritten_is_not_unlinked)
{
	EXPECT_ABORT(unlink_a_forged_node, "does not hold");
}

TEST(descriptors_lie_behind_a_gap_that_no_overflow_crosses)
{
	struct zone *zone = &zones[0];

	kfree(kmalloc(8, GFP_KERNEL));
	EXPECT((size_t)((char *)zone->map - zone->base) >=
	       (zone->reserved_pages << PAGE_SHIFT) + (64 << 10));
	EXPECT(zone->base >= (char *)zone->range + (64 << 10));
}

TEST(copies_to_the_outside_stay_in_the_window)
{
	struct kmem_cache *windowed = kmem_cache_create_usercopy("w", 64, 0, 0, 16, 8, NULL);
	char *object = kmem_cache_alloc(windowed, GFP_KERNEL), *memory = kmalloc(100, GFP_KERNEL);
	char local[8];

	EXPECT_EQ(kmem_check_copy(object + 16, 8), 0);
	EXPECT_EQ(kmem_check_copy(object + 16, 9), -EFAULT);
	EXPECT_EQ(kmem_check_copy(object + 15, 1), -EFAULT);
	EXPECT_EQ(kmem_check_copy(object + 24, 1), -EFAULT);
	EXPECT_EQ(kmem_check_copy(object + 16, SIZE_MAX), -EFAULT);
	EXPECT_EQ(kmem_check_copy(memory, 128), 0);
	EXPECT_EQ(kmem_check_copy(memory, 129), -EFAULT);
	EXPECT_EQ(kmem_check_copy(local, sizeof(local)), 0);
	EXPECT_EQ(kmem_check_copy(object, 0), 0);
	EXPECT_EQ(kmem_check_copy(kmem_cache_alloc(kmem_cache_create("none", 200, 0, 0, NULL),
						   GFP_KERNEL), 1), -EFAULT);
}

TEST(pages_may_be_copied_and_what_the_allocator_keeps_there_may_not)
{
	char *pages = (char *)__get_free_pages(GFP_KERNEL, 1);

	EXPECT_EQ(kmem_check_copy(pages, 2 * PAGE_BYTES), 0);
	EXPECT_EQ(kmem_check_copy(pages + PAGE_BYTES, PAGE_BYTES), 0);
	EXPECT_EQ(kmem_check_copy(kmem_cache_create("none", 200, 0, 0, NULL), 8), -EFAULT);
	free_pages((unsigned long)pages, 1);
	EXPECT_EQ(kmem_check_copy(pages, 8), -EFAULT);
}

TEST_ON("debug:FZ,kmalloc-*", copies_stay_in_what_was_asked_for_where_that_is_known)
{
	char *memory = kmalloc(100, GFP_KERNEL);

	EXPECT_EQ(kmem_check_copy(memory, 100), 0);
	EXPECT_EQ(kmem_check_copy(memory, 101), -EFAULT);
}

static bool is_zero(const char *bytes, size_t count)
{
	for (size_t i = 0; i < count; i++)
		if (bytes[i] != 0)
			return false;
	return true;
}

static void expect_cleared(bool when_freed)
{
	char *object;

	cache = cache_of("box", 64);
	object = kmem_cache_alloc(cache, GFP_KERNEL);
	memset(object, 'A', 64);
	kmem_cache_free(cache, object);
	EXPECT_EQ(is_zero(object, 64), when_freed);
	EXPECT(is_zero(kmem_cache_alloc(cache, GFP_KERNEL), 64));
}

TEST_ON("init_on_alloc:on", objects_are_cleared_when_they_are_handed_out)
{
	expect_cleared(false);
}

TEST_ON("init_on_free:on", objects_are_cleared_when_they_are_freed)
{
	expect_cleared(true);
}

/* ---- Random order ------------------------------------------------------------------------- */

static void take_of_new_slabs(void)
{
	cache = cache_of("box", 64);
	take_objects(cache, (void **)objects, 2000);
}

/* How many objects stand @distance bytes behind the one handed out before. */
static int in_order(long distance)
{
	int count = 0;

	for (int i = 1; i < 2000; i++)
		count += objects[i] - objects[i - 1] == distance;
	return count;
}

TEST_ON("profile:fast", objects_are_handed_out_in_random_order)
{
	take_of_new_slabs();
	EXPECT(in_order(64) + in_order(-64) < 1600);
}

TEST_ON("profile:fast", the_order_rises_or_falls)
{
	int rising = 0, falling = 0;

	for (int i = 0; i < 8; i++) {
		take_of_new_slabs();
		for (long distance = 64; distance <= 256; distance += 64) {
			rising += in_order(distance);
			falling += in_order(-distance);
		}
	}
	EXPECT(rising > 100);
	EXPECT(falling > 100);
}

TEST_ON("profile:fast hardening:off", objects_are_handed_out_in_order_when_hardening_is_off)
{
	take_of_new_slabs();
	EXPECT(in_order(64) > 1800);
}

TEST_ON("profile:fast", the_order_is_another_for_each_cache)
{
	struct kmem_cache *one = cache_of("one", 64), *two = cache_of("two", 64);
	int same = 0;

	take_objects(one, (void **)objects, 1000);
	take_objects(two, (void **)objects + 1000, 1000);
	for (int i = 1; i < 1000; i++)
		same += objects[i] - objects[i - 1] == objects[1000 + i] - objects[999 + i];
	EXPECT(same < 950);
}

/* 16 bytes: more objects to a page than a map has bits. */
TEST_ON("profile:fast", no_free_list_is_in_an_object)
{
	cache = cache_of("small", 16);
	take_objects(cache, (void **)objects, 1);
	EXPECT(cache->layout.placement != FREELIST_OBJ);
}

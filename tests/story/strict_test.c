/*
 * hardening:strict: allocations stay hits, each free is looked at.
 */
#include <string.h>

#include "harness/look.h"
#include "harness/test.h"

#define STRICT(name) TEST_ON("profile:fast hardening:strict", name)

static char *objects[400];

static struct kmem_cache *a_cache(void)
{
	return cache_of("box", 64);
}

TEST_ON("profile:fast hardening:strict topology:4x1 reaper:off", arrays_give_and_take_nothing)
{
	struct kmem_cache *cache = a_cache();
	void *object;
	unsigned held;

	run_on_cpu(0);
	object = kmem_cache_alloc(cache, GFP_KERNEL);
	held = array_of(cache, 0)->avail;
	EXPECT(held > 0);
	kmem_cache_free(cache, object);
	EXPECT_EQ(array_of(cache, 0)->avail, held);
	kmem_cache_alloc(cache, GFP_KERNEL);
	EXPECT_EQ(array_of(cache, 0)->avail, held - 1);
	check_everything();
}

static void free_twice(void)
{
	struct kmem_cache *cache = a_cache();
	void *object = kmem_cache_alloc(cache, GFP_KERNEL);

	kmem_cache_free(cache, object);
	kmem_cache_free(cache, object);
}

STRICT(a_second_free_is_seen_at_once)
{
	EXPECT_ABORT(free_twice, "which is free already, in cache box");
}

static void free_the_middle(void)
{
	kfree((char *)kmalloc(64, GFP_KERNEL) + 16);
}

STRICT(a_free_of_the_middle_is_seen_at_once)
{
	EXPECT_ABORT(free_the_middle, "which is no object's start, in cache kmalloc-64");
}

static void write_one_past(void)
{
	char *object = kmalloc(64, GFP_KERNEL);

	object[64] = 0;
	kfree(object);
}

STRICT(one_byte_past_the_end_is_seen_at_the_free)
{
	EXPECT_ABORT(write_one_past, "write past the end of");
}

static void write_sixteen_past(void)
{
	struct kmem_cache *cache = kmem_cache_create("odd", 27, 1, 0, NULL);
	char *object = kmem_cache_alloc(cache, GFP_KERNEL);

	object[27 + 15]++;
	kmem_cache_free(cache, object);
}

STRICT(the_last_byte_of_the_seal_counts)
{
	EXPECT_ABORT(write_sixteen_past, "write past the end of");
}

static void write_after_free(void)
{
	struct kmem_cache *cache = a_cache();

	take_objects(cache, (void **)objects, 400);
	give_objects(cache, (void **)objects, 400);
	objects[7][63] = 1;
	take_objects(cache, (void **)objects, 400);
}

STRICT(a_write_after_free_is_seen_before_the_object_is_anybodys)
{
	EXPECT_ABORT(write_after_free, "write after free of");
}

STRICT(freed_objects_are_cleared)
{
	struct kmem_cache *cache = a_cache();
	char *object = kmem_cache_alloc(cache, GFP_KERNEL);

	memset(object, 'A', 64);
	kmem_cache_free(cache, object);
	for (int i = 0; i < 64; i++)
		EXPECT_EQ(object[i], 0);
}

static void construct(void *object)
{
	memset(object, 'c', 64);
}

STRICT(constructed_objects_stay_as_they_are)
{
	struct kmem_cache *cache = kmem_cache_create("made", 64, 0, 0, construct);
	char *object = kmem_cache_alloc(cache, GFP_KERNEL);

	kmem_cache_free(cache, object);
	EXPECT_EQ(object[63], 'c');
	take_objects(cache, (void **)objects, 400);
	for (int i = 0; i < 400; i++)
		EXPECT_EQ(objects[i][63], 'c');
}

/* Pages come back with what others left there. */
STRICT(memory_of_another_cache_is_no_write_after_free)
{
	for (int round = 0; round < 20; round++) {
		struct kmem_cache *made = kmem_cache_create("made", 64, 0, 0, construct);
		struct kmem_cache *cache = a_cache();

		take_objects(made, (void **)objects, 400);
		give_objects(made, (void **)objects, 400);
		kmem_cache_destroy(made);
		take_objects(cache, (void **)objects, 400);
		give_objects(cache, (void **)objects, 400);
		kmem_cache_destroy(cache);
	}
}

STRICT(every_size_has_its_room_and_keeps_its_alignment)
{
	for (size_t size = 64; size <= KMALLOC_MAX_SIZE; size *= 2) {
		char *object = kmalloc(size, GFP_KERNEL);

		EXPECT_EQ((size_t)object % size, 0);
		EXPECT_EQ(ksize(object), size);
		memset(object, 'A', size);
		kfree(object);
	}
}

STRICT(alike_caches_stay_apart)
{
	EXPECT_NE(cache_of("one", 64), cache_of("two", 64));
}

TEST_ON("profile:fast hardening:strict topology:4x2", a_remote_free_goes_home_at_once)
{
	struct kmem_cache *cache = a_cache();
	void *object;
	size_t free_at_home;

	run_on_cpu(0);
	object = kmem_cache_alloc(cache, GFP_KERNEL);
	free_at_home = cache_nodes(cache)[0]->free_objects;
	run_on_cpu(2);
	kmem_cache_free(cache, object);
	EXPECT_EQ(cache_nodes(cache)[0]->free_objects, free_at_home + 1);
	check_everything();
}

/*
 * New slabs: their colour, their constructor, the order of their objects.
 */
#include "harness/look.h"
#include "harness/test.h"

static unsigned constructed;

static void ctor(void *object)
{
	uint64_t *words = object;

	words[0] = 0x5ca1ab1e;
	words[11] = 0xc0ffee;
	constructed++;
}

static bool is_constructed(const void *object)
{
	const uint64_t *words = object;

	return words[0] == 0x5ca1ab1e && words[11] == 0xc0ffee;
}

TEST_ON(FOUR_CPUS, the_colour_goes_round)
{
	struct kmem_cache *cache;
	unsigned colours, before = 0;

	run_on_cpu(0);
	cache = cache_of("story", 700);
	colours = cache->layout.colour;
	EXPECT(colours >= 3);
	for (unsigned i = 0; i < 3 * colours; i++) {
		void *objects[10];
		struct page *slab;
		unsigned colour;

		take_objects(cache, objects, cache->layout.num);
		slab = slab_of_object(objects[0]);
		colour = (unsigned)(slab_first(slab->layout, slab) - (char *)page_address(slab)) /
			 cache->layout.colour_off;
		EXPECT_EQ(colour, i == 0 ? 1 : (before + 1) % colours);
		before = colour;
	}
}

TEST_ON(FOUR_CPUS, objects_of_a_new_slab_come_from_the_batchs_end)
{
	struct kmem_cache *cache;
	char *first, *second;

	run_on_cpu(0);
	cache = cache_of("story", 64);
	first = kmem_cache_alloc(cache, GFP_KERNEL);
	second = kmem_cache_alloc(cache, GFP_KERNEL);
	EXPECT_EQ(first, slab_first(&cache->layout, slab_of_object(first)) + 15 * 64);
	EXPECT_EQ(second, first - 64);
}

TEST_ON(FOUR_CPUS, the_constructor_runs_for_each_object_when_its_slab_is_made)
{
	struct kmem_cache *cache;

	run_on_cpu(0);
	cache = kmem_cache_create("story", 96, 0, 0, ctor);
	EXPECT_EQ(constructed, 0);
	EXPECT(is_constructed(kmem_cache_alloc(cache, GFP_KERNEL)));
	EXPECT_EQ(constructed, cache->layout.num);
}

TEST_ON(FOUR_CPUS, constructed_state_survives_free_and_alloc)
{
	enum { COUNT = 1000 };
	static void *objects[COUNT];
	struct kmem_cache *cache;

	run_on_cpu(0);
	cache = kmem_cache_create("story", 96, 0, 0, ctor);
	for (int round = 0; round < 10; round++) {
		take_objects(cache, objects, COUNT);
		for (int i = 0; i < COUNT; i++) {
			EXPECT(is_constructed(objects[i]));
			((uint64_t *)objects[i])[5] = ~0ull;
		}
		give_objects(cache, objects, COUNT);
		if (round == 5)
			kmem_cache_shrink(cache);
	}
	EXPECT_EQ(constructed % cache->layout.num, 0);
}

static struct kmem_cache *inner_cache;
static void *inner_objects[4096];
static unsigned inner_count;

static void allocating_ctor(void *object)
{
	*(void **)object = kmem_cache_alloc(inner_cache, GFP_KERNEL);
	inner_objects[inner_count++] = *(void **)object;
	kfree(kmalloc(100, GFP_KERNEL));
}

TEST_ON(FOUR_CPUS, a_constructor_may_itself_allocate)
{
	struct kmem_cache *cache;
	void **object;

	run_on_cpu(0);
	inner_cache = cache_of("inner", 200);
	cache = kmem_cache_create("outer", 64, 0, 0, allocating_ctor);
	object = kmem_cache_alloc(cache, GFP_KERNEL);
	EXPECT_NE(*object, NULL);
	EXPECT_EQ(inner_count, cache->layout.num);
	check_everything();
}

TEST_ON(FOUR_CPUS "freelist_random:on", a_random_free_list_hands_out_every_object_once)
{
	struct kmem_cache *cache;
	char *objects[64];
	bool seen[64] = { false };
	unsigned descending = 0;

	run_on_cpu(0);
	cache = cache_of("story", 64);
	EXPECT_NE(cache->layout.random_order, NULL);
	EXPECT_EQ(kmem_cache_tune(cache, 1, 1, 0), 0);
	take_objects(cache, (void **)objects, 64);
	for (int i = 0; i < 64; i++) {
		unsigned index = obj_to_index(&cache->layout, slab_of_object(objects[i]), objects[i]);

		EXPECT_EQ(slab_of_object(objects[i]), slab_of_object(objects[0]));
		EXPECT(!seen[index]);
		seen[index] = true;
		descending += i > 0 && objects[i] < objects[i - 1];
	}
	EXPECT(descending > 10 && descending < 54);
	give_objects(cache, (void **)objects, 64);
	EXPECT_EQ(kmem_cache_shrink(cache), 0);
	check_everything();
	kmem_cache_destroy(cache);
}

TEST_ON(FOUR_CPUS "freelist_random:on", two_slabs_start_at_different_places)
{
	struct kmem_cache *cache;
	unsigned different = 0;
	void *objects[8 * 64];
	unsigned first = 0;

	run_on_cpu(0);
	cache = cache_of("story", 64);
	EXPECT_EQ(kmem_cache_tune(cache, 1, 1, 0), 0);
	take_objects(cache, objects, 8 * 64);
	for (int slab = 0; slab < 8; slab++) {
		unsigned index = obj_to_index(&cache->layout, slab_of_object(objects[slab * 64]),
					      objects[slab * 64]);

		different += slab > 0 && index != first;
		first = index;
	}
	EXPECT(different >= 4);
}

TEST_ON(FOUR_CPUS "slab_max_order:3", larger_slabs_may_be_asked_for)
{
	struct kmem_cache *cache;

	run_on_cpu(0);
	cache = cache_of("story", 3000);
	EXPECT_EQ(cache->layout.gfporder, 2);
	EXPECT_NE(kmem_cache_alloc(cache, GFP_KERNEL), NULL);
}

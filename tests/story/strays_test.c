/*
 * A free into the middle of an object is handed out, and found by the refill after that.
 */
#include <signal.h>
#include <stdlib.h>

#include "harness/look.h"
#include "harness/test.h"

enum { MANY = 300 };

static size_t size = 64, distance = 8;
static void *objects[MANY];

static void kmalloc_many(void)
{
	for (int i = 0; i < MANY; i++)
		objects[i] = kmalloc(size, GFP_KERNEL);
}

static void free_inside(void)
{
	kmalloc_many();
	kfree((char *)objects[7] + distance);
	kmalloc_many();
}

TEST(the_next_refill_finds_a_free_inside_an_object_of_kmalloc)
{
	for (size = 16; size <= 256; size *= 2)
		for (distance = 1; distance < size; distance *= 2)
			EXPECT_ABORT(free_inside, "which is no object's start, in cache kmalloc-");
}

static unsigned below;
static bool by_sevens;

static void free_inside_above_others(void)
{
	struct kmem_cache *cache = cache_of("box", 64);

	if (by_sevens)
		EXPECT_EQ(kmem_cache_tune(cache, 21, 7, 0), 0);
	take_objects(cache, objects, MANY);
	kmem_cache_shrink(cache);
	give_objects(cache, objects, below);
	kmem_cache_free(cache, (char *)objects[MANY - 1] + 8);
	take_objects(cache, objects, MANY);
}

TEST(it_is_found_whatever_else_was_freed)
{
	for (below = 0; below < 8; below++)
		EXPECT_ABORT(free_inside_above_others, "which is no object's start, in cache box");
	by_sevens = true;
	for (below = 0; below < 7; below++)
		EXPECT_ABORT(free_inside_above_others, "which is no object's start, in cache box");
}

TEST(it_is_found_in_the_kernels_profile_and_on_nodes_too)
{
	setenv("UKMEM_OPTIONS", "profile:slab", 1);
	EXPECT_ABORT(free_inside, "which is no object's start, in cache kmalloc-64");
	setenv("UKMEM_OPTIONS", "topology:4x2", 1);
	EXPECT_ABORT(free_inside, "which is no object's start, in cache kmalloc-64");
}

/*
 * A pointer beyond all windows, of which a hit reads a limit behind the array's header: here one that lets
 * it in, in an entry.
 */
static void *wild_pointer(const struct array_cache *array)
{
	const uint16_t *word = array->window_limit;
	size_t window = WINDOWS;

	while (word[window] <= array->avail + 2)
		window++;
	EXPECT((const char *)&word[window] < (const char *)&array->entry[array->avail]);
	return (void *)(window << WINDOW_SHIFT | 4096);
}

static void free_wild(void)
{
	struct kmem_cache *cache = cache_of("box", 64);
	struct array_cache *array;
	unsigned before;

	take_objects(cache, objects, MANY);
	give_objects(cache, objects, 20);
	array = array_of(cache, 0);
	before = array->avail;
	kmem_cache_free(cache, wild_pointer(array));
	EXPECT_EQ(array->avail, before + (backend_is_rseq() ? 1 : 0));
	take_objects(cache, objects + 20, MANY - 20);
}

TEST_ON("topology:1x1 reaper:off backend:rseq", a_pointer_beyond_all_windows_is_found_by_the_next_refill)
{
	run_on_cpu(0);
	if (!backend_is_rseq())
		test_skip("no sequences");
	EXPECT_ABORT(free_wild, "which is no object's start, in cache box");
}

static size_t window;

static void free_in_window(void)
{
	struct kmem_cache *cache = cache_of("box", 64);

	take_objects(cache, objects, MANY);
	give_objects(cache, objects, window % MANY);
	kmem_cache_free(cache, (void *)(window << WINDOW_SHIFT | 4096));
	EXPECT_EQ(array_none.avail, 0);
	take_objects(cache, objects, MANY);
	for (int i = 0; i < MANY; i++)
		*(volatile char *)objects[i] = 1;
}

/*
 * By a report; or by a fault, where the limit of such a window would be, where the pointer would be kept,
 * or in who got it and uses it.
 */
TEST(a_pointer_beyond_all_windows_ends_the_program)
{
	int signal_number;

	for (window = WINDOWS; window < (size_t)1 << (64 - WINDOW_SHIFT); window += window / 11 + 1) {
		report_of(free_in_window, &signal_number);
		if (signal_number != SIGABRT && signal_number != SIGSEGV)
			test_fail(__FILE__, __LINE__, "window %zu: signal %d", window, signal_number);
	}
}

TEST_ON("hardening:off", without_hardening_nobody_looks)
{
	free_inside();
}

static void use(struct kmem_cache *cache)
{
	take_objects(cache, objects, MANY);
	give_objects(cache, objects, MANY);
	take_objects(cache, objects, MANY);
	give_objects(cache, objects, MANY);
}

/* Its array is where another cache's was, whose objects lay at multiples of 8. */
TEST(an_array_in_used_memory_begins_clean)
{
	for (int i = 0; i < 4; i++) {
		struct kmem_cache *odd = kmem_cache_create("odd", 72, 0, SLAB_NOLEAKTRACE, NULL);
		struct kmem_cache *even;

		use(odd);
		kmem_cache_destroy(odd);
		even = kmem_cache_create("even", 64, 0, SLAB_NOLEAKTRACE, NULL);
		use(even);
		kmem_cache_destroy(even);
	}
	check_everything();
}

/* Each its own stride, colours and list; no correct program is told off. */
TEST(objects_of_every_size_are_where_a_refill_takes_them_for_granted)
{
	for (unsigned bytes = 8; bytes <= 9000; bytes += bytes / 7 + 4)
		for (unsigned align = 0; align <= 256; align += 64) {
			struct kmem_cache *cache = kmem_cache_create("any", bytes, align & (align - 1) ? 0 : align,
								     SLAB_NOLEAKTRACE, NULL);

			use(cache);
			kmem_cache_destroy(cache);
		}
}

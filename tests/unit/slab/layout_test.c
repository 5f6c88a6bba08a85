#include "slab/layout.h"

#include <errno.h>

#include "base/bits.h"
#include "harness/test.h"

/* Lists of up to 64 bytes have a holder of that size, larger ones of 128 or 256. */
static size_t holder_of(size_t bytes)
{
	return bytes <= 64 ? 64 : bytes <= 128 ? 128 : 256;
}

static const struct slab_source source = { .size_of = holder_of };

static void ctor(void *object)
{
	(void)object;
}

static struct slab_layout layout_for(struct layout_request request)
{
	struct slab_layout layout;

	request.max_order = 1;
	EXPECT_EQ(layout_init(&layout, &request), 0);
	layout_check(&layout);
	return layout;
}

TEST(the_fast_profile_keeps_a_map_in_the_descriptor)
{
	struct slab_layout layout = layout_for((struct layout_request){
		.size = 64, .ctor = ctor, .fast = true });

	EXPECT_EQ(layout.placement, FREELIST_MAP);
	EXPECT_EQ(layout.freelist_size, 0);
	EXPECT_EQ(layout_for((struct layout_request){ .size = 8, .fast = true }).placement,
		  FREELIST_MAP);
}

/* 128 objects (a page of small ones has up to 256), or 32 KiB; never more than an eighth lost. */
TEST(the_fast_profile_makes_larger_slabs)
{
	static const struct { unsigned size, num, order; } expected[] = {
		{ 16, 256, 0 }, { 24, 170, 0 }, { 32, 128, 0 }, { 64, 128, 1 }, { 256, 128, 3 }, { 1024, 32, 3 }, { 2048, 15, 3 }, { 4096, 15, 4 }, { 8192, 7, 4 },
	};

	for (size_t i = 0; i < ARRAY_LENGTH(expected); i++) {
		struct slab_layout layout = layout_for((struct layout_request){
			.size = expected[i].size, .fast = true });

		EXPECT_EQ(layout.num, expected[i].num);
		EXPECT_EQ(layout.gfporder, expected[i].order);
	}
	for (unsigned size = 16; size <= 8192; size += 8) {
		struct slab_layout layout = layout_for((struct layout_request){
			.size = size, .fast = true });

		EXPECT((slab_bytes(&layout) - (size_t)layout.num * layout.size) * 8 <=
		       slab_bytes(&layout));
	}
}

TEST(small_objects_keep_the_list_in_a_free_object)
{
	struct slab_layout layout = layout_for((struct layout_request){ .size = 64 });

	EXPECT_EQ(layout.placement, FREELIST_OBJ);
	EXPECT_EQ(layout.num, 64);
	EXPECT_EQ(layout.size, 64);
	EXPECT_EQ(layout.gfporder, 0);
	EXPECT_EQ(layout.colour, 0);
}

TEST(a_constructor_keeps_the_list_out_of_objects)
{
	struct slab_layout layout = layout_for((struct layout_request){
		.size = 100, .ctor = ctor, .source = &source });

	EXPECT_EQ(layout.placement, FREELIST_ON);
	EXPECT_EQ(layout.size, 104);
	EXPECT_EQ(layout.num, PAGE_BYTES / 105);
}

TEST(readers_without_locks_keep_the_list_out_of_objects)
{
	EXPECT_NE(layout_for((struct layout_request){ .size = 64, .no_obj_list = true }).placement,
		  FREELIST_OBJ);
}

TEST(a_list_that_would_not_fit_beside_the_objects_goes_off_the_slab)
{
	struct slab_layout layout = layout_for((struct layout_request){
		.size = 1024, .ctor = ctor, .source = &source });

	EXPECT_EQ(layout.placement, FREELIST_OFF);
	EXPECT_EQ(layout.num, 4);
	EXPECT_EQ(layout.freelist_cache_size, 64);
}

TEST(off_the_slab_is_no_choice_without_a_holder_or_when_it_is_forbidden)
{
	struct layout_request request = { .size = 1024, .ctor = ctor };

	EXPECT_EQ(layout_for(request).placement, FREELIST_ON);
	request.source = &source;
	request.no_off_slab = true;
	EXPECT_EQ(layout_for(request).placement, FREELIST_ON);
}

TEST(a_holder_larger_than_half_an_object_does_not_pay)
{
	struct slab_layout layout = layout_for((struct layout_request){
		.size = 64, .ctor = ctor, .source = &source });

	EXPECT_EQ(layout.placement, FREELIST_ON);
}

TEST(no_object_is_smaller_than_what_255_to_a_page_allow)
{
	struct slab_layout layout = layout_for((struct layout_request){ .size = 1 });

	EXPECT_EQ(layout.size, 16);
	EXPECT_EQ(layout.object_size, 1);
	EXPECT(layout.num <= SLAB_OBJECTS_MAX);
}

TEST(the_first_order_that_wastes_an_eighth_or_less_is_taken)
{
	EXPECT_EQ(layout_for((struct layout_request){ .size = 1400 }).gfporder, 1);
	EXPECT_EQ(layout_for((struct layout_request){ .size = 1300 }).gfporder, 0);
	EXPECT_EQ(layout_for((struct layout_request){ .size = 824 }).gfporder, 1);
	EXPECT_EQ(layout_for((struct layout_request){ .size = 896 }).gfporder, 0);
	EXPECT_EQ(layout_for((struct layout_request){ .size = 8000 }).gfporder, 1);
	EXPECT_EQ(layout_for((struct layout_request){ .size = 4 << 20 }).gfporder, 10);
}

TEST(reclaimable_caches_take_the_first_order_that_holds_any)
{
	EXPECT_EQ(layout_for((struct layout_request){ .size = 1400, .reclaimable = true }).gfporder,
		  0);
}

TEST(what_is_left_over_is_spent_on_colours)
{
	struct slab_layout layout = layout_for((struct layout_request){ .size = 500 });

	EXPECT_EQ(layout.num, 8);
	EXPECT_EQ(layout.colour_off, CACHE_LINE_BYTES);
	EXPECT_EQ(layout.colour, (PAGE_BYTES - 8 * 504) / CACHE_LINE_BYTES);
}

TEST(large_alignments_colour_in_steps_of_themselves)
{
	struct slab_layout layout = layout_for((struct layout_request){ .size = 600, .align = 512 });

	EXPECT_EQ(layout.size, 1024);
	EXPECT_EQ(layout.colour_off, 512);
}

TEST(a_cache_line_is_halved_while_two_objects_fit_in_it)
{
	EXPECT_EQ(calculate_alignment(true, 0, 64), 64);
	EXPECT_EQ(calculate_alignment(true, 0, 33), 64);
	EXPECT_EQ(calculate_alignment(true, 0, 32), 32);
	EXPECT_EQ(calculate_alignment(true, 0, 16), 16);
	EXPECT_EQ(calculate_alignment(true, 0, 1), 8);
	EXPECT_EQ(calculate_alignment(true, 128, 16), 128);
	EXPECT_EQ(calculate_alignment(false, 0, 64), 8);
	EXPECT_EQ(calculate_alignment(false, 4, 64), 8);
	EXPECT_EQ(calculate_alignment(false, 2048, 64), 2048);
}

TEST(what_no_order_can_hold_is_too_big)
{
	struct slab_layout layout;
	struct layout_request request = {
		.size = 4 << 20, .ctor = ctor, .no_off_slab = true, .max_order = 1 };

	EXPECT_EQ(layout_init(&layout, &request), -E2BIG);
	request = (struct layout_request){ .size = (4 << 20) + 1, .max_order = 1 };
	EXPECT_EQ(layout_init(&layout, &request), -E2BIG);
}

TEST(the_largest_order_depends_on_the_machine)
{
	EXPECT_EQ(layout_default_max_order((size_t)32 << 20), 0);
	EXPECT_EQ(layout_default_max_order(((size_t)32 << 20) + 1), 1);
}

/* Every size up to two pages, then in steps, with every alignment, in every kind. */
TEST(every_layout_holds_its_invariants)
{
	for (unsigned size = 1; size <= 4 << 20; size += 1 + size / 200)
		for (unsigned align = 0; align <= PAGE_BYTES; align = align != 0 ? align * 2 : 8)
			for (unsigned kind = 0; kind < 32; kind++) {
				struct slab_layout layout;
				struct layout_request request = {
					.size = size, .align = align, .max_order = kind & 1,
					.hwcache_align = kind & 2,
					.ctor = kind & 4 ? ctor : NULL,
					.source = kind & 8 ? &source : NULL,
					.fast = kind & 16,
				};
				int error = layout_init(&layout, &request);

				EXPECT(error == 0 || error == -E2BIG);
				if (error != 0)
					continue;
				layout_check(&layout);
				EXPECT(layout.size >= size && layout.align >= align);
				EXPECT(layout.gfporder <= SLAB_ORDER_MAX);
			}
}

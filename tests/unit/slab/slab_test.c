#include "slab/slab.h"

#include <stdlib.h>

#include "harness/test.h"
#include "os/options.h"
#include "os/topology.h"

static unsigned constructed, lists_out;

static void ctor(void *object)
{
	*(uint64_t *)object = 0xc0;
	constructed++;
}

static size_t list_size(size_t bytes UNUSED)
{
	return 256;
}

static void *list_take(size_t bytes UNUSED, unsigned node UNUSED, bool may_block,
		       bool emergency UNUSED)
{
	lists_out += may_block;
	return may_block ? malloc(256) : NULL;
}

static void list_give(void *list)
{
	lists_out--;
	free(list);
}

static const struct slab_source source = {
	.size_of = list_size, .take = list_take, .give = list_give };

static struct slab_layout layout_of(struct layout_request request)
{
	struct slab_layout layout;

	topology_fake(1, 1);
	options.reserve_mib = 64;
	EXPECT_EQ(pages_init(), 0);
	request.max_order = 1;
	EXPECT_EQ(layout_init(&layout, &request), 0);
	return layout;
}

static struct page *grown(struct slab_layout *layout, unsigned colour)
{
	struct page *slab = slab_pages(layout, 0, true, true);

	EXPECT_NE(slab, NULL);
	EXPECT(slab_dress(layout, slab, colour, true));
	slab_check(slab);
	return slab;
}

static void *take_one(const struct slab_layout *layout, struct page *slab)
{
	void *object = NULL;

	EXPECT_EQ(slab_take_objs(layout, slab, &object, 1), 1);
	return object;
}

/* Take all objects, in the order they come; each once, inside the slab, aligned. */
static void take_all(struct slab_layout *layout, struct page *slab, void **objects)
{
	bool seen[SLAB_MAP_MAX] = { false };

	for (unsigned i = 0; i < layout->num; i++) {
		unsigned index;

		objects[i] = take_one(layout, slab);
		index = obj_to_index(layout, slab, objects[i]);
		EXPECT(index < layout->num && !seen[index]);
		EXPECT_EQ(index_to_obj(layout, slab, index), objects[i]);
		EXPECT_EQ((size_t)objects[i] % layout->align, 0);
		seen[index] = true;
	}
	EXPECT_EQ(slab->active, layout->num);
	slab_note_full(layout, slab);
	slab_check(slab);
}

/* A permutation of 0 .. num - 1 that is in no order. */
static unsigned shuffled(unsigned i, unsigned num)
{
	return num % 7 != 0 ? (i * 7 + 3) % num : num - 1 - i;
}

static void fill_and_empty(struct slab_layout *layout)
{
	void *objects[SLAB_MAP_MAX];
	struct page *slab = grown(layout, 0);

	for (int round = 0; round < 2; round++) {
		take_all(layout, slab, objects);
		for (unsigned i = 0; i < layout->num; i++) {
			slab_put_obj(layout, slab, objects[shuffled(i, layout->num)]);
			slab_check(slab);
		}
		EXPECT_EQ(slab->active, 0);
	}
	slab_release(slab);
}

TEST(a_list_in_an_object_survives_full_and_empty)
{
	struct slab_layout layout = layout_of((struct layout_request){ .size = 64 });

	EXPECT_EQ(layout.placement, FREELIST_OBJ);
	fill_and_empty(&layout);
	zone_check(&zones[0]);
}

TEST(a_list_at_the_slabs_end_survives_full_and_empty)
{
	struct slab_layout layout = layout_of((struct layout_request){ .size = 100, .ctor = ctor });

	EXPECT_EQ(layout.placement, FREELIST_ON);
	fill_and_empty(&layout);
	zone_check(&zones[0]);
}

TEST(a_list_off_the_slab_is_taken_and_given_back)
{
	struct slab_layout layout = layout_of((struct layout_request){
		.size = 1024, .ctor = ctor, .source = &source });

	EXPECT_EQ(layout.placement, FREELIST_OFF);
	fill_and_empty(&layout);
	EXPECT_EQ(lists_out, 0);
	EXPECT_EQ(pages_free_count(), pages_committed());
}

TEST(a_map_in_the_descriptor_survives_full_and_empty)
{
	static const unsigned sizes[] = { 16, 24, 32, 64, 72, 700, 4096, 100000 };
	struct slab_layout layout = layout_of((struct layout_request){ .size = 64, .fast = true });

	for (size_t i = 0; i < ARRAY_LENGTH(sizes); i++) {
		struct layout_request request = { .size = sizes[i], .fast = true, .max_order = 1 };

		EXPECT_EQ(layout_init(&layout, &request), 0);
		EXPECT_EQ(layout.placement, FREELIST_MAP);
		fill_and_empty(&layout);
	}
	zone_check(&zones[0]);
}

TEST(a_map_gives_a_batch_the_lowest_object_last)
{
	struct slab_layout layout = layout_of((struct layout_request){ .size = 16, .fast = true });
	struct page *slab = grown(&layout, 0);
	void *objects[SLAB_MAP_MAX];

	EXPECT_EQ(layout.num, SLAB_MAP_MAX);
	EXPECT_EQ(slab_take_objs(&layout, slab, objects, 10), 10);
	for (unsigned i = 0; i < 10; i++)
		EXPECT_EQ(objects[i], index_to_obj(&layout, slab, 9 - i));
	EXPECT_EQ(slab_take_objs(&layout, slab, objects, 160), 160);
	for (unsigned i = 0; i < 160; i++)
		EXPECT_EQ(objects[i], index_to_obj(&layout, slab, 169 - i));
	EXPECT_EQ(slab_take_objs(&layout, slab, objects, 160), SLAB_MAP_MAX - 170);
	EXPECT_EQ(slab_take_objs(&layout, slab, objects, 160), 0);
	slab_check(slab);
}

/* The index is found by multiplication: right for every object, and for nothing between. */
static void expect_each_object_alone_fits(unsigned size)
{
	struct layout_request request = { .size = size, .fast = true, .max_order = 1 };
	struct slab_layout layout;
	struct page *slab;
	void *objects[SLAB_MAP_MAX];

	EXPECT_EQ(layout_init(&layout, &request), 0);
	slab = grown(&layout, layout.colour != 0 ? layout.colour - 1 : 0);
	slab_take_objs(&layout, slab, objects, layout.num);
	for (unsigned i = 0; i < layout.num; i++) {
		unsigned word = i / 64, bit = i % 64;

		slab_put_obj(&layout, slab, index_to_obj(&layout, slab, i));
		EXPECT_EQ(slab->free_map[word] >> bit & 1, 1);
	}
	slab_check(slab);
	slab_release(slab);
}

TEST(a_map_knows_every_object_of_every_size)
{
	layout_of((struct layout_request){ .size = 64 });
	for (unsigned size = 16; size <= 70000; size += size < 4096 ? 8 : 1000)
		expect_each_object_alone_fits(size);
}

TEST(a_map_index_is_the_quotient_and_only_a_start_is_an_object)
{
	unsigned wrong = 0;

	for (unsigned size = 16; size <= 32768; size += size < 1024 ? 8 : 72) {
		struct slab_layout layout = layout_of((struct layout_request){
			.size = size, .fast = true });

		for (uint32_t behind = 0; behind < slab_bytes(&layout); behind++) {
			uint64_t index = map_index(&layout, behind);

			wrong += index >> 32 != behind / layout.size ||
				 map_has_object(&layout, index) !=
				 (behind % layout.size == 0 && behind / layout.size < layout.num);
		}
		EXPECT(!map_has_object(&layout, map_index(&layout, -64u)));     /* before the first */
	}
	EXPECT_EQ(wrong, 0);
}

static void give_what_begins_no_object(void)
{
	struct slab_layout layout = layout_of((struct layout_request){ .size = 48, .fast = true });
	struct page *slab = grown(&layout, 0);
	void *objects[2];

	slab_take_objs(&layout, slab, objects, 2);
	slab_put_obj(&layout, slab, (char *)objects[0] + 8);
}

TEST(a_map_refuses_what_begins_no_object)
{
	EXPECT_ABORT(give_what_begins_no_object, "which is no object's start");
}

static void give_a_mapped_object_twice(void)
{
	struct slab_layout layout = layout_of((struct layout_request){ .size = 64, .fast = true });
	struct page *slab = grown(&layout, 0);
	void *objects[2];

	slab_take_objs(&layout, slab, objects, 2);
	slab_put_obj(&layout, slab, objects[0]);
	slab_put_obj(&layout, slab, objects[0]);
}

TEST(a_map_sees_what_is_given_back_twice)
{
	EXPECT_ABORT(give_a_mapped_object_twice, "which is free already");
}

TEST(a_refused_list_leaves_the_pages_to_the_caller)
{
	struct slab_layout layout = layout_of((struct layout_request){
		.size = 1024, .ctor = ctor, .source = &source });
	struct page *slab = slab_pages(&layout, 0, true, true);

	EXPECT(!slab_dress(&layout, slab, 0, false));
	EXPECT_EQ(constructed, 0);
	pages_free(slab);
	EXPECT_EQ(pages_free_count(), pages_committed());
}

TEST(objects_come_in_order_of_address)
{
	struct slab_layout layout = layout_of((struct layout_request){ .size = 64 });
	struct page *slab = grown(&layout, 0);

	for (unsigned i = 0; i < layout.num; i++)
		EXPECT_EQ(take_one(&layout, slab), index_to_obj(&layout, slab, i));
}

TEST(the_object_given_back_last_is_taken_first)
{
	struct slab_layout layout = layout_of((struct layout_request){ .size = 64 });
	struct page *slab = grown(&layout, 0);
	void *a = take_one(&layout, slab), *b = take_one(&layout, slab);

	slab_put_obj(&layout, slab, b);
	slab_put_obj(&layout, slab, a);
	EXPECT_EQ(take_one(&layout, slab), a);
	EXPECT_EQ(take_one(&layout, slab), b);
}

TEST(the_constructor_runs_once_for_each_object_of_a_slab)
{
	struct slab_layout layout = layout_of((struct layout_request){ .size = 100, .ctor = ctor });
	struct page *slab = grown(&layout, 0);

	EXPECT_EQ(constructed, layout.num);
	for (unsigned i = 0; i < layout.num; i++)
		EXPECT_EQ(*(uint64_t *)index_to_obj(&layout, slab, i), 0xc0);
}

TEST(the_colour_moves_the_first_object)
{
	struct slab_layout layout = layout_of((struct layout_request){ .size = 700 });

	EXPECT(layout.colour > 1);
	for (unsigned colour = 0; colour < layout.colour; colour++) {
		struct page *slab = grown(&layout, colour);

		EXPECT_EQ(slab_first(&layout, slab) - (char *)page_address(slab),
			  colour * layout.colour_off);
	}
}

TEST(a_slab_counts_its_birth)
{
	struct slab_layout layout = layout_of((struct layout_request){ .size = 64 });

	EXPECT_EQ(grown(&layout, 0)->serial, 0);
	EXPECT_EQ(grown(&layout, 0)->serial, 1);
	EXPECT_EQ(counter_read(&slabs_grown), 2);
}

static void release_a_slab_in_use(void)
{
	struct slab_layout layout = layout_of((struct layout_request){ .size = 64 });
	struct page *slab = grown(&layout, 0);

	take_one(&layout, slab);
	slab_release(slab);
}

TEST(releasing_a_slab_in_use_is_an_internal_error)
{
	EXPECT_ABORT(release_a_slab_in_use, "internal error");
}

static void check_a_doubled_index(void)
{
	struct slab_layout layout = layout_of((struct layout_request){ .size = 64 });
	struct page *slab = grown(&layout, 0);

	slab->freelist[3] = slab->freelist[4];
	slab_check(slab);
}

TEST(slab_check_finds_an_index_that_is_listed_twice)
{
	EXPECT_ABORT(check_a_doubled_index, "seen");
}

TEST(a_random_order_has_every_object_once)
{
	struct slab_layout layout = layout_of((struct layout_request){ .size = 64 });
	void *objects[SLAB_MAP_MAX];
	unsigned in_place = 0;

	EXPECT(layout_randomise(&layout));
	for (int i = 0; i < 8; i++) {
		struct page *slab = grown(&layout, 0);

		take_all(&layout, slab, objects);
		for (unsigned k = 0; k < layout.num; k++)
			in_place += objects[k] == index_to_obj(&layout, slab, k);
	}
	EXPECT(in_place < 8 * layout.num / 4);
	layout_forget_random(&layout);
	EXPECT_NULL(layout.random_order);
}

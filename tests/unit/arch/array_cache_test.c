#include "arch/array_cache.h"

#include <stdlib.h>

#include "harness/test.h"

static struct array_cache *array_with(unsigned limit, unsigned avail, uintptr_t first)
{
	struct array_cache *array = calloc(1, array_bytes(limit));

	array->limit = limit;
	array->avail = avail;
	for (unsigned i = 0; i < avail; i++)
		array->entry[i] = (void *)(first + i);
	return array;
}

TEST(an_array_is_one_line_and_its_entries)
{
	EXPECT_EQ(array_bytes(0), CACHE_LINE_BYTES);
	EXPECT_EQ(array_bytes(120), 64 + 120 * 8);
}

TEST(a_transfer_takes_from_the_top_and_keeps_the_order)
{
	struct array_cache *from = array_with(8, 5, 100), *to = array_with(8, 1, 1);

	EXPECT_EQ(array_transfer(to, from, 3), 3);
	EXPECT_EQ(from->avail, 2);
	EXPECT_EQ(to->avail, 4);
	EXPECT_EQ(to->entry[0], 1);
	EXPECT_EQ(to->entry[1], 102);
	EXPECT_EQ(to->entry[3], 104);
}

TEST(a_transfer_is_bounded_by_stock_and_by_room)
{
	struct array_cache *from = array_with(8, 5, 100), *to = array_with(3, 1, 1);

	EXPECT_EQ(array_transfer(to, from, 8), 2);
	EXPECT_EQ(to->entry[2], 104);
	EXPECT_EQ(array_transfer(to, from, 8), 0);
	to->limit = 3;
	to->avail = 0;
	EXPECT_EQ(array_transfer(to, from, 8), 3);
	EXPECT_EQ(array_transfer(from, to, 0), 0);
	EXPECT_EQ(from->avail, 0);
}

TEST(dropping_the_oldest_slides_the_rest_down)
{
	struct array_cache *array = array_with(8, 5, 100);

	array_drop_oldest(array, 2);
	EXPECT_EQ(array->avail, 3);
	EXPECT_EQ(array->entry[0], 102);
	EXPECT_EQ(array->entry[2], 104);
	array_drop_oldest(array, 3);
	EXPECT_EQ(array->avail, 0);
}

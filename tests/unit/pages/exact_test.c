/*
 * Any number of pages: what is not wanted goes back at once, what stays is runs.
 */
#include "harness/look.h"
#include "harness/test.h"
#include "pages/exact.h"

static struct page *take(size_t count, unsigned align_order)
{
	bool zeroed;
	struct page *first;

	EXPECT_EQ(boot_ensure(), 0);
	first = exact_alloc(0, count, align_order, &zeroed);
	EXPECT_NE(first, NULL);
	return first;
}

TEST_ON(NO_REAPER, any_number_of_pages_costs_that_number)
{
	size_t free_before;

	exact_free(take(RUN_PAGES_MAX, 0));
	free_before = pages_free_count();
	for (size_t count = 1; count <= RUN_PAGES_MAX; count = count * 5 / 4 + 1) {
		struct page *first = take(count, 0);

		EXPECT_EQ(exact_count(first), count);
		EXPECT_EQ(pages_free_count(), free_before - count);
		check_everything();
		exact_free(first);
		EXPECT_EQ(pages_free_count(), free_before);
		check_everything();
	}
}

TEST_ON(NO_REAPER, the_first_page_is_aligned_as_asked)
{
	for (unsigned order = 0; order <= MAX_ORDER; order++) {
		struct page *first = take(3, order);

		EXPECT_EQ((size_t)page_address(first) % (PAGE_BYTES << order), 0);
		exact_free(first);
	}
}

TEST_ON(NO_REAPER, a_hole_of_the_size_serves_though_its_tail_is_somebody_elses)
{
	struct page *first = take(133, 0), *behind = take(1, 0), *again;
	size_t free_before;
	bool zeroed = true;

	while (page_number(page_zone(behind), behind) != page_number(page_zone(first), first) + 133)
		behind = take(1, 0);
	free_before = pages_free_count();
	exact_free(first);
	again = exact_alloc(0, 133, 0, &zeroed);
	EXPECT_EQ(again, first);
	EXPECT(!zeroed);
	EXPECT_EQ(exact_count(again), 133);
	EXPECT_EQ(pages_free_count(), free_before);
	check_everything();
}

TEST_ON(NO_REAPER, a_hole_that_is_too_small_is_passed_over)
{
	struct page *first = take(133, 0), *behind = take(1, 0), *larger;

	while (page_number(page_zone(behind), behind) != page_number(page_zone(first), first) + 133)
		behind = take(1, 0);
	exact_free(first);
	larger = take(134, 0);
	EXPECT_NE(larger, first);
	EXPECT_EQ(exact_count(larger), 134);
	check_everything();
}

TEST_ON(NO_REAPER, a_block_larger_than_the_hole_is_not_cut_at_its_head)
{
	struct page *block = take(RUN_PAGES_MAX, 0), *small;
	struct zone *zone = page_zone(block);

	exact_shrink(block, 128);               /* behind it 128, 256 and 512 pages */
	small = take(128, 0);
	EXPECT_EQ(small, block + 128);
	exact_free(small);
	EXPECT_NE(take(133, 0), block + 128);
	EXPECT_EQ(exact_count(block), 128);
	EXPECT(buddy_is_free(zone, block + 128));
	check_everything();
}

TEST_ON(NO_REAPER, shrinking_gives_the_last_pages_back)
{
	struct page *first = take(100, 0);
	size_t free_before = pages_free_count();

	for (size_t count = 99; count >= 1; count -= 7) {
		exact_shrink(first, count);
		EXPECT_EQ(pages_free_count(), free_before + 100 - count);
		check_everything();
		if (count < 8)
			break;
	}
	exact_free(first);
	check_everything();
}

TEST_ON(NO_REAPER, growing_takes_the_pages_behind)
{
	struct page *first = take(RUN_PAGES_MAX, 0);
	size_t free_before = pages_free_count();

	exact_shrink(first, 3);
	for (size_t count = 4; count <= RUN_PAGES_MAX; count = count * 9 / 8 + 1) {
		EXPECT(exact_grow(first, count));
		EXPECT_EQ(exact_count(first), count);
		EXPECT_EQ(pages_free_count(), free_before + RUN_PAGES_MAX - count);
		check_everything();
	}
	exact_free(first);
	EXPECT_EQ(pages_free_count(), free_before + RUN_PAGES_MAX);
	check_everything();
}

TEST_ON(NO_REAPER, pages_of_others_are_not_grown_into)
{
	struct page *first = take(RUN_PAGES_MAX, 0), *next;
	size_t free_before;

	exact_shrink(first, 3);
	next = take(1, 0);
	EXPECT_EQ(next, first + 3);
	free_before = pages_free_count();
	EXPECT(!exact_grow(first, 4));
	EXPECT_EQ(exact_count(first), 3);
	exact_free(next);
	next = take(8, 0);
	EXPECT_EQ(next, first + 8);
	EXPECT(exact_grow(first, 8));           /* two free runs, and no more */
	EXPECT(!exact_grow(first, 9));
	EXPECT_EQ(pages_free_count(), free_before + 1 - 8 - 5);
	check_everything();
	exact_free(first);
	exact_free(next);
	check_everything();
}

#include <errno.h>
#include <stdlib.h>

#include "harness/test.h"
#include "os/options.h"
#include "os/topology.h"
#include "pages/pages.h"

/* One node with @mib of addresses, without the floors above. */
static struct zone *zone_with(unsigned mib)
{
	topology_fake(1, 1);
	options.reserve_mib = mib;
	EXPECT_EQ(pages_init(), 0);
	return &zones[0];
}

static struct page *take(unsigned order)
{
	struct page *page = pages_alloc(0, order, true, NULL);

	EXPECT_NE(page, NULL);
	EXPECT_EQ(page->order, order);
	return page;
}

static size_t runs_of_order(struct zone *zone, unsigned order)
{
	size_t runs = 0;

	list_for_each(node, &zone->free[order])
		runs++;
	return runs;
}

/* All committed pages are free, in runs of the largest order. */
static void expect_whole(struct zone *zone)
{
	zone_check(zone);
	EXPECT_EQ(zone->free_pages, zone->committed_pages);
	EXPECT_EQ(runs_of_order(zone, MAX_ORDER), zone->committed_pages / RUN_PAGES_MAX);
}

TEST(nothing_is_committed_before_the_first_page_is_asked_for)
{
	struct zone *zone = zone_with(64);

	EXPECT_EQ(pages_committed(), 0);
	take(0);
	EXPECT(pages_committed() != 0 && pages_committed() % RUN_PAGES_MAX == 0);
	zone_check(zone);
}

TEST(splitting_leaves_one_run_of_each_order)
{
	struct zone *zone = zone_with(64);
	struct page *page = take(0);

	for (unsigned order = 0; order < MAX_ORDER; order++)
		EXPECT_EQ(runs_of_order(zone, order), 1);
	EXPECT_EQ(runs_of_order(zone, MAX_ORDER), 0);
	zone_check(zone);
	pages_free(page);
	expect_whole(zone);
}

TEST(every_order_is_aligned_to_its_size_and_merges_back)
{
	struct zone *zone = zone_with(256);

	for (unsigned order = 0; order <= MAX_ORDER; order++) {
		struct page *pages[3];

		for (int i = 0; i < 3; i++) {
			pages[i] = take(order);
			EXPECT_EQ((size_t)page_address(pages[i]) % (PAGE_BYTES << order), 0);
			zone_check(zone);
		}
		for (int i = 0; i < 3; i++)
			pages_free(pages[(i + 1) % 3]);
		expect_whole(zone);
	}
}

TEST(an_order_above_the_largest_is_refused)
{
	zone_with(64);
	EXPECT_NULL(pages_alloc(0, MAX_ORDER + 1, true, NULL));
	EXPECT_NULL(pages_alloc_any(0, MAX_ORDER + 1, true, NULL));
}

TEST(tails_know_their_head)
{
	struct page *head;

	zone_with(64);
	for (unsigned order = 0; order <= MAX_ORDER; order++) {
		char *address;

		head = take(order);
		address = page_address(head);
		for (size_t i = 0; i < (size_t)1 << order; i++) {
			EXPECT_EQ(virt_to_head_page(address + i * PAGE_BYTES), head);
			EXPECT_EQ(virt_to_head_page(address + i * PAGE_BYTES + 4095), head);
		}
		pages_free(head);
	}
}

/* Pages that were the middle of a large run, then free, must not name a new head. */
TEST(a_free_page_has_no_head_in_use_whatever_it_was_before)
{
	struct page *large, *small;
	char *address;

	zone_with(64);
	large = take(4);
	address = page_address(large);
	pages_free(large);
	small = take(0);
	EXPECT_EQ(page_address(small), address);
	small->state = PAGE_SLAB;
	for (unsigned i = 1; i < 16; i++) {
		struct page *head = virt_to_head_page(address + i * PAGE_BYTES);

		EXPECT(head == NULL || head->state != PAGE_SLAB);
	}
	small->state = PAGE_TAKEN;
	pages_free(small);
}

TEST(addresses_outside_have_no_page)
{
	struct zone *zone = zone_with(64);
	int on_the_stack;

	take(0);
	EXPECT_NULL(virt_to_head_page(&on_the_stack));
	EXPECT_NULL(virt_to_head_page(NULL));
	EXPECT_NULL(virt_to_head_page(zone->base - 1));
	EXPECT_NULL(virt_to_head_page(zone->base + (zone->committed_pages << PAGE_SHIFT)));
	EXPECT_NULL(virt_to_head_page(zone->map));
	EXPECT_NE(virt_to_head_page(zone->base), NULL);
}

TEST(when_the_addresses_are_used_up_the_answer_is_no_and_giving_back_helps)
{
	struct zone *zone = zone_with(8);
	struct page *last = NULL, *page;
	size_t count = 0;

	while ((page = pages_alloc(0, 0, true, NULL)) != NULL) {
		page->layout = (struct slab_layout *)(void *)last;
		last = page;
		count++;
	}
	EXPECT_EQ(count, zone->reserved_pages);
	EXPECT_EQ(zone->free_pages, 0);
	pages_free(last);
	EXPECT_EQ(take(0), last);
	while (last != NULL) {
		page = last;
		last = (struct page *)(void *)page->layout;
		pages_free(page);
	}
	expect_whole(zone);
}

TEST(fresh_pages_read_as_zero_and_used_ones_are_not_said_to)
{
	bool zeroed = false;
	struct page *page;
	char *bytes;

	zone_with(64);
	page = pages_alloc(0, 0, true, &zeroed);
	EXPECT(zeroed);
	bytes = page_address(page);
	for (unsigned i = 0; i < PAGE_BYTES; i++)
		EXPECT_EQ(bytes[i], 0);
	memset(bytes, 0xaa, PAGE_BYTES);
	pages_free(page);
	EXPECT_EQ(pages_alloc(0, 0, true, &zeroed), page);
	EXPECT(!zeroed);
}

/* As when a purged run comes back and its buddy was freed meanwhile. */
TEST(a_clean_run_that_merges_with_a_dirty_one_is_dirty)
{
	struct zone *zone = zone_with(64);
	struct page *clean = take(0), *dirty = take(0);
	bool zeroed = true;

	EXPECT_EQ(dirty, clean + 1);
	pages_free(dirty);
	lock_take(&zone->lock);
	buddy_give(zone, clean, 0, false);
	lock_drop(&zone->lock);
	expect_whole(zone);
	EXPECT_EQ(pages_alloc(0, 1, true, &zeroed), clean);
	EXPECT(!zeroed);
}

TEST(who_may_not_block_gets_only_what_is_committed)
{
	struct zone *zone = zone_with(64);

	EXPECT_NULL(pages_alloc(0, 0, false, NULL));
	EXPECT_EQ(pages_committed(), 0);
	pages_free(take(0));
	EXPECT_NE(pages_alloc(0, 0, false, NULL), NULL);
	lock_take(&zone->lock);
	EXPECT_NULL(pages_alloc(0, 0, false, NULL));
	lock_drop(&zone->lock);
}

TEST(random_orders_taken_and_given_leave_a_whole_zone)
{
	struct zone *zone = zone_with(256);
	struct page *pages[200] = { NULL };
	uint64_t random = 42;

	for (unsigned step = 0; step < 40000; step++) {
		struct page **page = &pages[random_next(&random) % 200];

		if (*page != NULL) {
			pages_free(*page);
			*page = NULL;
		} else {
			*page = pages_alloc(0, random_next(&random) % 8, true, NULL);
		}
		if (step % 1000 == 0)
			zone_check(zone);
	}
	for (unsigned i = 0; i < 200; i++)
		if (pages[i] != NULL)
			pages_free(pages[i]);
	expect_whole(zone);
}

#include <errno.h>
#include <sys/mman.h>
#include <sys/resource.h>

#include "arch/array_cache.h"
#include "harness/fake_os.h"
#include "harness/test.h"
#include "os/ops.h"
#include "os/options.h"
#include "os/topology.h"
#include "pages/pages.h"

static void world(unsigned nodes, unsigned mib)
{
	topology_fake(nodes, nodes);
	options.reserve_mib = mib;
}

TEST(each_node_has_addresses_and_a_window_of_its_own)
{
	world(8, 64);
	EXPECT_EQ(pages_init(), 0);
	for (unsigned node = 0; node < 8; node++) {
		EXPECT_EQ(zones[node].reserved_pages, (64u << 20) / PAGE_BYTES);
		EXPECT_EQ((size_t)zones[node].base % ((size_t)4 << 20), 0);
		EXPECT_EQ(window_node((unsigned)((size_t)zones[node].base >> WINDOW_SHIFT)), node);
	}
}

TEST(an_address_tells_its_node)
{
	world(4, 64);
	EXPECT_EQ(pages_init(), 0);
	for (unsigned node = 0; node < 4; node++) {
		struct page *page = pages_alloc(node, 0, true, NULL);

		EXPECT_EQ(page_node(page), node);
		EXPECT_EQ(zone_of(page_address(page)), &zones[node]);
	}
}

TEST(any_node_serves_when_the_asked_one_is_full)
{
	struct page *page;

	world(2, 4);
	EXPECT_EQ(pages_init(), 0);
	EXPECT_NE(pages_alloc(1, MAX_ORDER, true, NULL), NULL);
	EXPECT_NULL(pages_alloc(1, 0, true, NULL));
	page = pages_alloc_any(1, 0, true, NULL);
	EXPECT_NE(page, NULL);
	EXPECT_EQ(page_node(page), 0);
}

TEST(there_are_addresses_for_a_largest_run_at_least)
{
	world(1, 1);
	EXPECT_EQ(pages_init(), 0);
	EXPECT_NE(pages_alloc(0, MAX_ORDER, true, NULL), NULL);
}

TEST(where_addresses_are_refused_less_must_do)
{
	world(1, 256);
	fake_os_install();
	fake_os_refuse_from(1);
	EXPECT(pages_init() < 0);
	EXPECT(fake_os_requests() > 10);
	fake_os_refuse(1);
	EXPECT_EQ(pages_init(), 0);
	EXPECT(zones[0].reserved_pages >= 1024);
}

/* Refuse the second node's range everywhere once: the first node's is given up too. */
TEST(nodes_get_equal_shares_or_start_over)
{
	for (unsigned k = 1; k <= 14; k++) {
		world(2, 64);
		if (k == 1)
			fake_os_install();
		fake_os_refuse(k);
		EXPECT_EQ(pages_init(), 0);
		EXPECT_EQ(zones[0].reserved_pages, zones[1].reserved_pages);
		EXPECT(zones[0].base != zones[1].base);
	}
}

TEST(a_limit_on_addresses_is_respected)
{
	struct rlimit limit = { .rlim_cur = 256 << 20, .rlim_max = RLIM_INFINITY };

	EXPECT_EQ(setrlimit(RLIMIT_AS, &limit), 0);
	topology_fake(2, 2);
	EXPECT_EQ(pages_init(), 0);
	EXPECT(zones[0].reserved_pages + zones[1].reserved_pages < (256u << 20) / PAGE_BYTES);
	EXPECT(zones[0].reserved_pages >= 1024);
}

/* We are told of the first limit, so addresses went back; not of the second, below what is left of them. */
TEST(what_a_later_limit_leaves_is_counted_without_what_went_back)
{
	const size_t others = 300 << 20;
	struct rlimit limit = { .rlim_cur = RLIM_INFINITY, .rlim_max = RLIM_INFINITY };

	world(1, 4096);
	EXPECT_EQ(pages_init(), 0);
	EXPECT_NE(mmap(NULL, others, PROT_NONE, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0), MAP_FAILED);
	limit.rlim_cur = (size_t)1 << 30;
	EXPECT_EQ(setrlimit(RLIMIT_AS, &limit), 0);
	pages_fit_limit();
	EXPECT(zones[0].reserved_pages < (600u << 20) / PAGE_BYTES);
	limit.rlim_cur = (size_t)400 << 20;
	EXPECT_EQ(setrlimit(RLIMIT_AS, &limit), 0);
	EXPECT(limit_allows(50 << 20));
	EXPECT(!limit_allows(120 << 20));
}

TEST(a_commit_that_is_refused_takes_nothing_and_a_smaller_one_may_do)
{
	world(1, 1024);
	fake_os_install();
	EXPECT_EQ(pages_init(), 0);
	fake_os_refuse_from(1);
	EXPECT_NULL(pages_alloc(0, 0, true, NULL));
	EXPECT_EQ(pages_committed(), 0);
	fake_os_refuse(1);
	EXPECT_NE(pages_alloc(0, 0, true, NULL), NULL);
	zone_check(&zones[0]);
}

TEST(memory_that_can_not_be_bound_is_used_all_the_same_and_said_so)
{
	fake_os_install();
	world(2, 64);
	topology.fake = false;
	fake_os_refuse_from(1);
	fake_os_refuse(0);
	log_begin();
	EXPECT_EQ(pages_init(), 0);
	log_end();
	EXPECT_EQ(fake_os_requests_of(FAKE_BIND), 2);

	fake_os_refuse(2);              /* reserve, bind, reserve, bind */
	log_begin();
	EXPECT_EQ(pages_init(), 0);
	EXPECT_CONTAINS(log_end(), "node 0: memory can't be bound");
	EXPECT_NE(pages_alloc(0, 0, true, NULL), NULL);
}

/* Where user addresses have 39 bits all are in the first window, with NULL. */
static int reserve_low(void *hint, size_t bytes, void **out)
{
	void *low = (void *)((size_t)1 << 40);

	if (hint != NULL)
		return -ENOMEM;
	*out = mmap(low, bytes, PROT_NONE, MAP_PRIVATE | MAP_ANONYMOUS | MAP_NORESERVE, -1, 0);
	return *out == MAP_FAILED ? -ENOMEM : 0;
}

TEST(the_window_of_null_is_no_nodes)
{
	os_ops.reserve = reserve_low;
	world(1, 64);
	EXPECT_EQ(pages_init(), 0);
	EXPECT_EQ((size_t)zones[0].base >> WINDOW_SHIFT, 0);
	EXPECT(window_node(0) < 0);
}

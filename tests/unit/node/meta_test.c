#include "node/meta.h"

#include "harness/fake_os.h"
#include "harness/test.h"
#include "os/options.h"
#include "os/topology.h"

static void boot_meta(unsigned nodes)
{
	fake_os_install();
	topology_fake(nodes, nodes);
	options.reserve_mib = 64;
	EXPECT_EQ(pages_init(), 0);
	EXPECT_EQ(meta_init(1024), 0);
}

TEST(an_array_has_its_limit_and_opens_its_own_nodes_window_only)
{
	struct array_cache *array;

	boot_meta(2);
	array = array_new(120, 60, 1, true);
	EXPECT_EQ(array->limit, 120);
	EXPECT_EQ(array->batchcount, 60);
	EXPECT_EQ(array->avail, 0);
	EXPECT_EQ(array->node, 1);
	for (unsigned window = 0; window < WINDOWS; window++)
		EXPECT_EQ(array->window_limit[window], window_node(window) == 1 ? 120 : 0);
	array_delete(array);
}

TEST(arrays_of_every_limit_fit_what_holds_them)
{
	boot_meta(1);
	for (unsigned limit = 0; limit <= ARRAY_LIMIT_MAX; limit += 1 + limit / 7) {
		struct array_cache *array = array_new(limit, 1, 0, true);
		struct array_cache *next = array_new(limit, 1, 0, true);

		EXPECT(array != NULL && next != NULL);
		memset(array->entry, 0xff, limit * sizeof(void *));
		EXPECT_EQ(next->limit, limit);
		memset(next->entry, 0xff, limit * sizeof(void *));
		EXPECT_EQ(array->limit, limit);
		array_delete(array);
		array_delete(next);
	}
	meta_shrink();
	EXPECT_EQ(pages_free_count(), pages_committed());
	zone_check(&zones[0]);
}

TEST(deleting_no_array_does_nothing)
{
	array_delete(NULL);
}

TEST(a_refused_array_is_no_array)
{
	boot_meta(1);
	fake_os_refuse_from(1);
	EXPECT_NULL(array_new(120, 60, 0, true));
	EXPECT_NULL(array_new(60000, 60, 0, true));
	EXPECT_NULL(meta_alloc(META_NODE, 0, true));
	fake_os_refuse(0);
	EXPECT_NE(array_new(120, 60, 0, true), NULL);
}

TEST(who_may_not_block_is_refused_while_the_lock_is_held)
{
	struct lock *lock;

	boot_meta(1);
	meta_free(META_NODE, meta_alloc(META_NODE, 0, true));
	lock = &meta_caches[META_NODE].nodes[0]->list_lock;
	lock_take(lock);
	EXPECT_NULL(meta_alloc(META_NODE, 0, false));
	lock_drop(lock);
	EXPECT_NE(meta_alloc(META_NODE, 0, false), NULL);
}

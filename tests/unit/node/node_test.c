#include "node/node.h"

#include "harness/test.h"
#include "node/meta.h"
#include "os/options.h"
#include "os/topology.h"

enum { PER_SLAB = 64 };         /* objects of 64 bytes in a page */

static struct slab_layout layout;
static struct kmem_cache_node nodes[2];
static struct kmem_cache_node *const node_pointers[] = { &nodes[0], &nodes[1] };

static void boot_node(unsigned free_limit)
{
	struct layout_request request = { .size = 64, .max_order = 1 };

	topology_fake(2, 2);
	options.reserve_mib = 64;
	EXPECT_EQ(pages_init(), 0);
	EXPECT_EQ(meta_init(1024), 0);
	EXPECT_EQ(layout_init(&layout, &request), 0);
	for (unsigned node = 0; node < 2; node++) {
		node_init(&nodes[node], &layout, node);
		nodes[node].free_limit = free_limit;
	}
}

static unsigned grow(void **objects, unsigned count)
{
	return node_grow(node_pointers, 0, true, true, objects, count);
}

static void give(void *const *objects, unsigned count)
{
	struct list surplus;

	list_init(&surplus);
	lock_take(&nodes[0].list_lock);
	node_give(&nodes[0], objects, count, &surplus);
	lock_drop(&nodes[0].list_lock);
	slabs_release(&surplus);
	node_check(&nodes[0]);
}

TEST(a_new_slab_is_on_the_list_that_says_how_much_is_taken)
{
	void *objects[PER_SLAB];

	boot_node(1000);
	EXPECT_EQ(grow(objects, 0), 0);
	EXPECT(!list_empty(&nodes[0].slabs_free));
	EXPECT_EQ(grow(objects, 3), 3);
	EXPECT(!list_empty(&nodes[0].slabs_partial));
	EXPECT_EQ(grow(objects, PER_SLAB), PER_SLAB);
	EXPECT(!list_empty(&nodes[0].slabs_full));
	EXPECT_EQ(nodes[0].total_slabs, 3);
	EXPECT_EQ(nodes[0].free_slabs, 1);
	node_check(&nodes[0]);
}

TEST(a_batch_larger_than_a_slab_gets_what_the_slab_holds)
{
	void *objects[200];

	boot_node(1000);
	EXPECT_EQ(grow(objects, 200), PER_SLAB);
}

TEST(partial_slabs_are_drawn_from_before_free_ones)
{
	void *objects[PER_SLAB], *more[PER_SLAB];

	boot_node(1000);
	grow(objects, 0);
	grow(objects, PER_SLAB - 1);
	lock_take(&nodes[0].list_lock);
	EXPECT_EQ(node_take(&nodes[0], more, 1), 1);
	EXPECT(!nodes[0].free_touched);
	EXPECT_EQ(virt_to_head_page(more[0]), virt_to_head_page(objects[0]));
	EXPECT_EQ(node_take(&nodes[0], more, 1), 1);
	EXPECT(nodes[0].free_touched);
	lock_drop(&nodes[0].list_lock);
	EXPECT_EQ(nodes[0].free_slabs, 0);
	node_check(&nodes[0]);
}

TEST(a_take_goes_on_over_slabs_and_ends_when_all_are_full)
{
	void *objects[PER_SLAB], *more[3 * PER_SLAB];

	boot_node(1000);
	grow(objects, PER_SLAB - 2);
	grow(objects, 0);
	lock_take(&nodes[0].list_lock);
	EXPECT_EQ(node_take(&nodes[0], more, 3 * PER_SLAB), PER_SLAB + 2);
	EXPECT_EQ(node_take(&nodes[0], more, 1), 0);
	lock_drop(&nodes[0].list_lock);
	EXPECT_EQ(nodes[0].free_objects, 0);
	node_check(&nodes[0]);
}

TEST(a_slab_that_was_full_goes_to_the_tail_of_the_partial_ones)
{
	void *first[PER_SLAB], *second[PER_SLAB];

	boot_node(1000);
	grow(first, PER_SLAB - 1);
	grow(second, PER_SLAB);
	give(second, 1);
	EXPECT_EQ(nodes[0].slabs_partial.prev, &virt_to_head_page(second[0])->list);
	EXPECT_EQ(nodes[0].slabs_partial.next, &virt_to_head_page(first[0])->list);
}

TEST(free_slabs_leave_while_more_than_free_limit_is_free)
{
	void *objects[3][PER_SLAB];

	boot_node(2 * PER_SLAB);
	for (int i = 0; i < 3; i++)
		grow(objects[i], PER_SLAB);
	give(objects[0], PER_SLAB);
	give(objects[1], PER_SLAB);
	EXPECT_EQ(nodes[0].free_slabs, 2);
	give(objects[2], 1);            /* one object too many: a whole slab leaves */
	EXPECT_EQ(nodes[0].free_slabs, 1);
	EXPECT_EQ(nodes[0].total_slabs, 2);
	EXPECT_EQ(counter_read(&slabs_released), 1);
}

TEST(draining_takes_the_oldest_free_slabs_first)
{
	void *objects[3][PER_SLAB];

	boot_node(1000);
	for (int i = 0; i < 3; i++)
		grow(objects[i], PER_SLAB);
	for (int i = 0; i < 3; i++)
		give(objects[i], PER_SLAB);
	EXPECT_EQ(node_drain_free(&nodes[0], 1), 1);
	EXPECT_EQ(virt_to_head_page(objects[0][0])->state, PAGE_FREE);
	EXPECT_EQ(node_drain_free(&nodes[0], SIZE_MAX), 2);
	EXPECT_EQ(node_drain_free(&nodes[0], SIZE_MAX), 0);
	EXPECT_EQ(nodes[0].total_slabs, 0);
	node_check(&nodes[0]);
}

TEST(the_shared_array_gives_from_its_top_and_takes_what_fits)
{
	void *objects[] = { (void *)1, (void *)2, (void *)3 }, *out[3];

	boot_node(1000);
	EXPECT_EQ(shared_give(&nodes[0], objects, 3), 0);
	nodes[0].shared = array_new(2, 0, 0, true);
	EXPECT_EQ(shared_give(&nodes[0], objects, 3), 2);
	EXPECT_EQ(shared_give(&nodes[0], objects, 1), 0);
	nodes[0].shared->idle = 1;
	EXPECT_EQ(shared_take(&nodes[0], out, 1), 1);
	EXPECT_EQ(out[0], 2);
	EXPECT_EQ(nodes[0].shared->idle, 0);
	EXPECT_EQ(shared_take(&nodes[0], out, 3), 1);
	EXPECT_EQ(out[0], 1);
	EXPECT_EQ(shared_take(&nodes[0], out, 3), 0);
}

/* A fifth of the limit, or half of what is there if that is less. */
TEST(a_reap_takes_a_fifth_of_the_limit_or_half_of_what_is_there)
{
	struct array_cache array = { .limit = 120, .avail = 120 };

	options.profile = PROFILE_SLAB;
	EXPECT_EQ(reap_share(&array), 24);
	array.avail = 24;
	EXPECT_EQ(reap_share(&array), 24);
	array.avail = 23;
	EXPECT_EQ(reap_share(&array), 12);
	array.avail = 1;
	EXPECT_EQ(reap_share(&array), 1);
}

TEST(a_reap_in_the_fast_profile_takes_all)
{
	struct array_cache array = { .limit = 120, .avail = 24 };

	options.profile = PROFILE_FAST;
	EXPECT_EQ(reap_share(&array), 24);
}

static void give_a_strangers_object(void)
{
	void *objects[PER_SLAB];

	boot_node(1000);
	grow(objects, 1);
	virt_to_head_page(objects[0])->zone = 1;
	give(objects, 1);
}

TEST(an_object_of_another_node_is_an_internal_error)
{
	EXPECT_ABORT(give_a_strangers_object, "internal error");
}

static void count_wrongly(void)
{
	void *objects[PER_SLAB];

	boot_node(1000);
	grow(objects, 1);
	nodes[0].free_objects++;
	node_check(&nodes[0]);
}

TEST(node_check_finds_a_wrong_count)
{
	EXPECT_ABORT(count_wrongly, "free_objects");
}

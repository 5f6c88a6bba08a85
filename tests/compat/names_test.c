/*
 * The kernel's names, used as code of 6.1, of 6.18 and of later kernels uses them.
 */
#include <limits.h>

#include <linux/slab.h>

/* As in a kernel, slab.h alone is enough for sizes. */
#ifndef struct_size
#error no struct_size
#endif

#include <linux/alloc_tag.h>
#include <linux/cleanup.h>
#include <linux/gfp.h>
#include <linux/mempool.h>
#include <linux/mm.h>
#include <linux/rcupdate.h>
#include <linux/sched/mm.h>
#include <linux/shrinker.h>
#include <linux/sprintf.h>
#include <linux/string.h>
#include <linux/vmalloc.h>
#include <ukmem/stats.h>

#include "harness/test.h"

struct record {
	long number;
	struct rcu_head rcu;
	char name[40];
};

/* ---- Caches --------------------------------------------------------------------------- */

TEST(a_cache_has_three_ways_to_be_made)
{
	struct kmem_cache_args args = { .align = 64, .sheaf_capacity = 32 };
	struct kmem_cache *caches[] = {
		kmem_cache_create("one", 100, 8, SLAB_PANIC | SLAB_KASAN | SLAB_DEBUG_OBJECTS, NULL),
		kmem_cache_create("two", 100, &args, SLAB_NO_MERGE | SLAB_SKIP_KFENCE),
		kmem_cache_create("three", 100, NULL, SLAB_NO_OBJ_EXT),
		__kmem_cache_create_args("four", 100, &args, 0),
		KMEM_CACHE(record, SLAB_TEMPORARY | SLAB_ACCOUNT),
		KMEM_CACHE_USERCOPY(record, 0, name),
	};

	for (int i = 0; i < 6; i++) {
		void *object = kmem_cache_alloc_lru(caches[i], NULL, GFP_KERNEL | __GFP_NOLOCKDEP);

		EXPECT(kmem_valid_obj(object));
		EXPECT(kmem_cache_charge(object, GFP_KERNEL));
		kmem_cache_free(caches[i], object);
		object = alloc_hooks(kmem_cache_alloc_noprof(caches[i], GFP_KERNEL));
		kmem_cache_free(caches[i], object);
		kmem_cache_destroy(caches[i]);
	}
	EXPECT(slab_is_available());
	EXPECT_EQ(arch_slab_minalign(), ARCH_SLAB_MINALIGN);
}

/* ---- Sizes ------------------------------------------------------------------------------ */

TEST(a_size_that_overflows_is_served_by_nobody)
{
	struct row { unsigned count; short cell[]; } *row = NULL;
	size_t huge = SIZE_MAX / 2 + 1, sum = 0;

	EXPECT_EQ(struct_size(row, cell, 10), sizeof(*row) + 10 * sizeof(short));
	EXPECT_EQ(struct_size_t(struct row, cell, 10), struct_size(row, cell, 10));
	EXPECT_EQ(flex_array_size(row, cell, 10), 20);
	EXPECT_EQ(array_size(3, 5), 15);
	EXPECT_EQ(array3_size(3, 5, 7), 105);
	EXPECT_EQ(size_sub(7, 3), 4);
	EXPECT_EQ(size_sub(SIZE_MAX, 1), SIZE_MAX);
	EXPECT_EQ(size_sub(1, 2), SIZE_MAX);
	EXPECT_EQ(size_add(array_size(huge, 2), 1), SIZE_MAX);
	EXPECT_EQ(array3_size(huge, 2, 1), SIZE_MAX);
	EXPECT_EQ(struct_size(row, cell, huge), SIZE_MAX);
	EXPECT(kmalloc(struct_size(row, cell, huge), GFP_KERNEL) == NULL);
	EXPECT(kvmalloc(size_add(SIZE_MAX, 1), GFP_KERNEL) == NULL);
	EXPECT(check_add_overflow(huge, huge, &sum) && sum == 0);
	EXPECT(!check_mul_overflow(huge, 1ul, &sum) && sum == huge);
	EXPECT(check_sub_overflow((size_t)1, (size_t)2, &sum) && sum == SIZE_MAX);
}

TEST(every_way_to_ask_for_bytes)
{
	void *objects[] = {
		kmalloc_track_caller(10, GFP_KERNEL),
		kmalloc_node_track_caller(10, GFP_KERNEL, 0),
		kmalloc_array_node(2, 5, GFP_KERNEL, 0),
		kcalloc_node(2, 5, GFP_KERNEL, NUMA_NO_NODE),
		kvzalloc_node(10, GFP_KERNEL, 0),
		kvmalloc_array_node(2, 5, GFP_KERNEL, 0),
		kvcalloc_node(2, 5, GFP_KERNEL, 0),
		krealloc_node(NULL, 10, GFP_KERNEL, NUMA_NO_NODE),
		kvrealloc_node(NULL, 10, GFP_KERNEL, NUMA_NO_NODE),
		kmem_buckets_alloc_track_caller(NULL, 10, GFP_KERNEL),
		kmem_buckets_alloc_node_track_caller(NULL, 10, GFP_KERNEL, 0),
		kmalloc_noprof(10, GFP_KERNEL),
		kvcalloc_noprof(2, 5, GFP_KERNEL),
		kmalloc_array_node_noprof(2, 5, GFP_KERNEL, 0),
		krealloc_node_align_noprof(NULL, 10, 32, GFP_KERNEL, NUMA_NO_NODE),
		kvmemdup("123456789", 10, GFP_KERNEL),
		kmemdup_array("123456789", 2, 5, GFP_KERNEL),
		kmemdup_nul("123456789", 9, GFP_KERNEL),
	};

	for (size_t i = 0; i < sizeof(objects) / sizeof(objects[0]); i++) {
		EXPECT_EQ(ksize(objects[i]), 32);
		if (i % 2 != 0)
			kvfree_atomic(objects[i]);
		else
			kvfree_sensitive(objects[i], 10);
	}
	EXPECT_NULL(kmalloc_array_node(SIZE_MAX, 2, GFP_KERNEL, 0));
	EXPECT_NULL(kvcalloc_node(SIZE_MAX, 2, GFP_KERNEL, 0));
	EXPECT_NULL(kmemdup_array("", SIZE_MAX, 2, GFP_KERNEL));
}

/* 6.1 says the old size too. */
TEST(kvrealloc_of_any_year)
{
	char *text = kvrealloc(NULL, 0, 10, GFP_KERNEL);

	memcpy(text, "123456789", 10);
	text = kvrealloc(text, 10, 5 << 20, GFP_KERNEL);
	EXPECT_STR(text, "123456789");
	text = kvrealloc(text, 100, GFP_KERNEL);
	EXPECT_STR(text, "123456789");
	kvfree(text);
}

TEST(texts_are_formatted_into_their_own_memory)
{
	char *text = kasprintf(GFP_KERNEL, "%s-%d", "inode", 17);

	EXPECT_STR(text, "inode-17");
	kfree(text);
}

/* ---- Pages ------------------------------------------------------------------------------- */

TEST(orders_are_those_of_the_kernel_for_any_size)
{
	EXPECT_EQ(get_order(1), 0);
	EXPECT_EQ(get_order(PAGE_SIZE), 0);
	EXPECT_EQ(get_order(PAGE_SIZE + 1), 1);
	EXPECT_EQ(get_order(ULONG_MAX), 52);
	EXPECT_EQ(get_order(0), 52);
}

TEST(every_way_to_ask_for_pages)
{
	struct page *pages[3] = { NULL };
	void *addresses[] = {
		__vmalloc(100, GFP_KERNEL | __GFP_ZERO), vmalloc_user(100), vmalloc_32(100),
		vmalloc_32_user(100), vmalloc_huge(100, GFP_KERNEL),
		vmalloc_huge_node(100, GFP_KERNEL, 0), __vmalloc_array(10, 10, GFP_KERNEL),
		__vcalloc(10, 10, GFP_KERNEL), vrealloc_node(NULL, 100, GFP_KERNEL, 0),
		vrealloc_node_align(NULL, 100, PAGE_SIZE, GFP_KERNEL, 0), vmalloc_user_noprof(100),
	};

	for (size_t i = 0; i < sizeof(addresses) / sizeof(addresses[0]); i++) {
		EXPECT(is_vmalloc_addr(addresses[i]));
		EXPECT(PAGE_ALIGNED(addresses[i]));
		vfree_atomic(addresses[i]);
	}
	EXPECT_NULL(vrealloc_node_align(NULL, 100, 2 * PAGE_SIZE, GFP_KERNEL, 0));
	EXPECT_EQ(errno, EINVAL);
	EXPECT_EQ(alloc_pages_bulk_array(GFP_KERNEL, 2, pages), 2);
	EXPECT_EQ(alloc_pages_bulk_array_node(GFP_KERNEL, 0, 3, pages), 3);
	EXPECT_EQ(virt_to_page(page_address(pages[2])), pages[2]);
	free_pages_bulk(pages, 3);
	__free_pages(__alloc_pages_node(0, GFP_KERNEL, MAX_PAGE_ORDER), MAX_PAGE_ORDER);
	free_pages(get_free_pages_noprof(default_gfp(), 1), 1);
	EXPECT(totalram_pages() > 1000);
}

/* ---- What goes by itself -------------------------------------------------------------------- */

static struct record *record_of(long number)
{
	struct record *record __free(kfree) = kzalloc_obj(*record);

	if (number < 0)
		return NULL;
	record->number = number;
	return_ptr(record);
}

static uint64_t bytes_in_slabs(void)
{
	struct ukmem_stats stats;

	ukmem_stats_read(&stats);
	return stats.pages_committed_bytes - stats.pages_free_bytes;
}

TEST(a_variable_frees_what_it_holds_with_its_block)
{
	struct record *kept = record_of(5);
	uint64_t before;

	EXPECT_EQ(kept->number, 5);
	kfree(kept);
	kmem_reclaim(GFP_KERNEL);
	before = bytes_in_slabs();
	for (int i = 0; i < 10000; i++) {
		char *bytes __free(kvfree) = kvmalloc(100, GFP_KERNEL);
		char *secret __free(kfree_sensitive) = kmalloc(100, GFP_KERNEL);
		void *error __free(kfree) = (void *)-12l;

		EXPECT_NULL(record_of(-1));
		retain_and_null_ptr(error);
		EXPECT_NULL(error);
		EXPECT_NE(bytes, secret);
	}
	kmem_reclaim(GFP_KERNEL);
	EXPECT(bytes_in_slabs() <= before + 4 * PAGE_SIZE);
}

/* ---- RCU: without the library, to see what is handed to it ----------------------------------- */

static const void *given, *given_head;
static int times;

void kvfree_call_rcu(void *head, const void *object)
{
	given = object;
	given_head = head;
	times++;
}

void kvfree_rcu_barrier(void)
{
	times = 0;
}

TEST(kfree_rcu_looks_at_its_argument_once)
{
	struct record records[2] = { 0 }, *next = records, *none = NULL;

	kfree_rcu(next++, rcu);
	EXPECT_EQ(given, &records[0]);
	EXPECT_EQ(given_head, &records[0].rcu);
	EXPECT_EQ(next, &records[1]);
	kvfree_rcu(next++);                             /* before 6.4 */
	EXPECT_EQ(given, &records[1]);
	EXPECT_NULL(given_head);
	EXPECT_EQ(next, &records[2]);
	EXPECT_EQ(times, 2);
	kfree_rcu(none, rcu);
	EXPECT_EQ(times, 2);
	kvfree_rcu_barrier_on_cache(NULL);
	EXPECT_EQ(times, 0);
}

/* ---- Shrinkers and scopes -------------------------------------------------------------------- */

static unsigned long nothing(struct shrinker *shrinker, struct shrink_control *sc)
{
	(void)shrinker;
	return sc->memcg != NULL;
}

TEST(shrinkers_of_any_year)
{
	struct shrinker shrinker = { .count_objects = nothing, .scan_objects = nothing };

	EXPECT_EQ(prealloc_shrinker(&shrinker, "one"), 0);
	free_prealloced_shrinker(&shrinker);
	EXPECT_EQ(register_shrinker(&shrinker, "one-%d", 1), 0);
	synchronize_shrinkers();
	unregister_shrinker(&shrinker);
	register_shrinker_prepared(&shrinker);
	EXPECT_EQ(shrinker_debugfs_rename(&shrinker, "two"), 0);
	unregister_shrinker(&shrinker);
}

TEST(scopes_nest)
{
	unsigned int fs = memalloc_nofs_save(), io, work;

	EXPECT_EQ(current_gfp_context(GFP_KERNEL), GFP_NOFS);
	EXPECT(gfp_has_io_fs(GFP_KERNEL) && !gfp_has_io_fs(current_gfp_context(GFP_KERNEL)));
	io = memalloc_noio_save();
	EXPECT_EQ(current_gfp_context(GFP_KERNEL), GFP_NOIO);
	memalloc_noio_restore(io);
	work = memalloc_noreclaim_save();
	EXPECT(!gfpflags_normal_context(current_gfp_context(GFP_KERNEL)));
	memalloc_noreclaim_restore(work);
	work = memalloc_flags_save(PF_MEMALLOC | PF_MEMALLOC_NOIO);
	EXPECT_EQ(current_gfp_context(GFP_KERNEL), GFP_NOIO | __GFP_MEMALLOC);
	memalloc_flags_restore(work);
	memalloc_nofs_restore(fs);
	EXPECT_EQ(current_gfp_context(GFP_KERNEL), GFP_KERNEL);
	EXPECT(gfpflags_allow_blocking(GFP_NOFS) && gfpflags_allow_spinning(GFP_ATOMIC));
	EXPECT(!gfpflags_allow_spinning(0));
}

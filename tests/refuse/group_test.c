/*
 * Accounting groups with every request to the OS refused in turn.
 */
#include <ukmem/group.h>

#include "harness/refuse.h"

static struct kmem_group *group, *made, *before;
static struct kmem_cache *cache;

static size_t usage(void)
{
	struct kmem_group_counts counts;

	kmem_group_read(group, &counts);
	return counts.usage;
}

/* ---- The first group ----------------------------------------------------------------- */

static void prepare_cache(void)
{
	cache = kmem_cache_create("letters", 1000, 0, SLAB_ACCOUNT, NULL);
	kmem_cache_free(cache, kmem_cache_alloc(cache, GFP_KERNEL));
}

static bool create_group(void)
{
	made = kmem_group_create("made", NULL, KMEM_GROUP_UNLIMITED);
	return got(made);
}

static void destroy_group(void)
{
	kmem_group_destroy(made);
}

REFUSE(the_first_group, .prepare = prepare_cache, .call = create_group, .undo = destroy_group)

/* ---- Charged objects ----------------------------------------------------------------- */

static void prepare_group(void)
{
	prepare_cache();
	group = kmem_group_create("mail", NULL, KMEM_GROUP_UNLIMITED);
	before = kmem_group_enter(group);
}

/* What was refused is charged to nobody. */
static bool alloc_charged(void)
{
	bool done = got(kmem_cache_alloc(cache, GFP_KERNEL));

	EXPECT_EQ(usage(), done ? cache->layout.size : 0);
	return done;
}

static void free_charged(void)
{
	kmem_cache_free(cache, result);
	EXPECT_EQ(usage(), 0);
}

REFUSE(a_charged_object, .prepare = prepare_group, .call = alloc_charged, .undo = free_charged)

static bool kmalloc_charged(void)
{
	bool done = got(kmalloc(40, GFP_KERNEL_ACCOUNT));

	EXPECT_EQ(usage(), done ? 64 : 0);
	return done;
}

static void kfree_charged(void)
{
	kfree(result);
	EXPECT_EQ(usage(), 0);
}

REFUSE(a_charged_kmalloc, .prepare = prepare_group, .call = kmalloc_charged,
       .undo = kfree_charged)

/* ---- A cache that begins to account --------------------------------------------------- */

static void prepare_plain(void)
{
	prepare_group();
	cache = kmem_cache_create("plain", 1000, 0, 0, NULL);
	kmem_cache_free(cache, kmem_cache_alloc(cache, GFP_KERNEL));
}

static bool ask_for_accounting(void)
{
	return got(kmem_cache_alloc(cache, GFP_KERNEL_ACCOUNT));
}

REFUSE(a_cache_that_begins_to_account, .prepare = prepare_plain, .call = ask_for_accounting,
       .undo = free_charged)

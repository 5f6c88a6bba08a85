/*
 * Accounting groups: what is charged, and when a limit holds.
 */
#include <errno.h>

#include "account/group.h"
#include "harness/books.h"
#include "harness/groups.h"
#include "harness/look.h"

/* ---- What is charged ---------------------------------------------------------------- */

TEST(an_object_of_an_accounting_cache_is_charged_until_it_is_freed)
{
	struct kmem_group *mail = group_of("mail", NULL, KMEM_GROUP_UNLIMITED);
	struct kmem_cache *cache = letters();
	void *object = alloc_in(mail, cache, GFP_KERNEL);

	EXPECT_NE(object, NULL);
	EXPECT_EQ(usage_of(mail), SIZE);
	EXPECT_EQ(kmem_group_cache_usage(mail, cache), SIZE);
	EXPECT_EQ(kmem_group_cache_usage(NULL, cache), SIZE);
	kmem_cache_free(cache, object);
	EXPECT_EQ(usage_of(mail), 0);
	EXPECT_EQ(kmem_group_cache_usage(NULL, cache), 0);
	check_everything();
}

TEST(outside_all_groups_nothing_is_charged)
{
	struct kmem_group *mail = group_of("mail", NULL, 0);
	struct kmem_cache *cache = letters();
	void *object = kmem_cache_alloc(cache, GFP_KERNEL);

	EXPECT_NE(object, NULL);
	EXPECT_NULL(kmem_group_current());
	EXPECT_EQ(kmem_group_cache_usage(NULL, cache), 0);
	EXPECT_NULL(alloc_in(mail, cache, GFP_KERNEL));
	kmem_cache_free(cache, object);
	EXPECT_EQ(usage_of(mail), 0);
}

TEST(a_cache_without_the_flag_is_charged_what_is_asked_for)
{
	struct kmem_group *mail = group_of("mail", NULL, KMEM_GROUP_UNLIMITED);
	struct kmem_cache *cache = cache_of("plain", SIZE);
	volatile gfp_t asked = GFP_KERNEL_ACCOUNT;
	void *objects[5];

	objects[0] = alloc_in(mail, cache, GFP_KERNEL);
	EXPECT(cache->cpu.limit != 0);
	EXPECT_EQ(usage_of(mail), 0);
	objects[1] = alloc_in(mail, cache, GFP_KERNEL_ACCOUNT);
	objects[2] = alloc_in(mail, cache, asked);
	objects[3] = alloc_in(mail, cache, GFP_KERNEL);
	objects[4] = alloc_in(mail, cache, GFP_KERNEL_ACCOUNT | __GFP_ZERO);
	EXPECT_EQ(usage_of(mail), 3 * SIZE);
	EXPECT_EQ(cache->cpu.limit, 0);
	give_objects(cache, objects, 5);
	EXPECT_EQ(usage_of(mail), 0);
	check_everything();
}

TEST(a_cache_is_as_fast_as_ever_until_somebody_in_a_group_asks)
{
	struct kmem_cache *cache = cache_of("plain", SIZE), *accounting = letters();

	kmem_cache_free(cache, kmem_cache_alloc(cache, GFP_KERNEL_ACCOUNT));
	kmem_cache_free(accounting, kmem_cache_alloc(accounting, GFP_KERNEL));
	EXPECT(cache->cpu.limit != 0 && accounting->cpu.limit != 0);
	EXPECT_NULL(slabinfo_line("kmalloc-cg-64"));
	group_of("mail", NULL, KMEM_GROUP_UNLIMITED);
	EXPECT(cache->cpu.limit != 0);
	EXPECT_EQ(accounting->cpu.limit, 0);
	kmem_cache_free(cache, kmem_cache_alloc(cache, GFP_KERNEL_ACCOUNT));
	EXPECT(cache->cpu.limit != 0);
	EXPECT_NE(slabinfo_line("kmalloc-cg-64"), NULL);
	check_everything();
}

TEST(objects_from_before_the_first_group_are_nobodys)
{
	struct kmem_cache *cache = letters();
	void *objects[300];
	struct kmem_group *mail;

	take_objects(cache, objects, 300);
	mail = group_of("mail", NULL, KMEM_GROUP_UNLIMITED);
	EXPECT_EQ(usage_of(mail), 0);
	give_objects(cache, objects, 150);
	kmem_group_enter(mail);
	take_objects(cache, objects, 150);
	EXPECT_EQ(usage_of(mail), 150 * SIZE);
	give_objects(cache, objects, 300);
	EXPECT_EQ(usage_of(mail), 0);
	check_everything();
}

TEST(kmalloc_charges_by_the_class_when_it_is_asked_to)
{
	struct kmem_group *mail = group_of("mail", NULL, KMEM_GROUP_UNLIMITED);
	volatile gfp_t asked = GFP_KERNEL_ACCOUNT;
	void *object, *other;

	kmem_group_enter(mail);
	object = kmalloc(200, asked);
	EXPECT_EQ(usage_of(mail), 256);
	EXPECT_STR(cache_of_layout(slab_of_object(object)->layout)->name, "kmalloc-cg-256");
	other = kmalloc(200, GFP_KERNEL);
	EXPECT_EQ(usage_of(mail), 256);
	object = krealloc(object, 3000, asked);
	EXPECT_EQ(usage_of(mail), 4096);
	EXPECT_EQ(ksize(object), 4096);
	kfree(object);
	kfree(other);
	object = kmalloc_node(100, asked | __GFP_RECLAIMABLE, 0);
	EXPECT_EQ(usage_of(mail), 128);
	kfree(object);
	EXPECT_EQ(usage_of(mail), 0);
	check_everything();
}

TEST_ON("topology:4x2 reaper:off reap_ms:1000000", objects_of_any_node_are_uncharged_on_any_node)
{
	struct kmem_group *mail;
	struct kmem_cache *cache;
	void *objects[200];

	run_on_cpu(0);
	mail = group_of("mail", NULL, KMEM_GROUP_UNLIMITED);
	cache = letters();
	kmem_group_enter(mail);
	for (unsigned i = 0; i < 200; i++) {
		objects[i] = kmem_cache_alloc_node(cache, GFP_KERNEL, i % 2);
		EXPECT_EQ(node_of_address(objects[i]), i % 2);
	}
	EXPECT_EQ(usage_of(mail), 200 * SIZE);
	EXPECT_EQ(kmem_group_cache_usage(mail, cache), 200 * SIZE);
	run_on_cpu(2);
	give_objects(cache, objects, 200);
	EXPECT_EQ(usage_of(mail), 0);
	kmem_cache_shrink(cache);
	check_everything();
}

TEST(checks_and_accounting_go_together)
{
	struct kmem_group *mail = group_of("mail", NULL, KMEM_GROUP_UNLIMITED);
	struct kmem_cache *cache = kmem_cache_create("checked", 100, 0, SLAB_ACCOUNT |
			SLAB_CONSISTENCY_CHECKS | SLAB_RED_ZONE | SLAB_POISON, NULL);
	void *objects[50];

	kmem_group_enter(mail);
	take_objects(cache, objects, 50);
	EXPECT_EQ(usage_of(mail), 50 * cache->layout.size);
	give_objects(cache, objects, 50);
	kmem_cache_shrink(cache);               /* the quarantine holds them until then */
	EXPECT_EQ(usage_of(mail), 0);
	check_everything();
}

/* ---- Limits -------------------------------------------------------------------------- */

TEST(a_limit_is_exact_to_the_object)
{
	struct kmem_group *mail = group_of("mail", NULL, 1000 * SIZE);
	struct kmem_cache *cache = letters();
	static void *objects[1000];
	struct kmem_group_counts counts;

	kmem_group_enter(mail);
	take_objects(cache, objects, 1000);
	EXPECT_REFUSED(kmem_cache_alloc(cache, GFP_KERNEL), ENOMEM);
	EXPECT_REFUSED(kmem_cache_alloc(cache, GFP_ATOMIC), ENOMEM);
	kmem_group_read(mail, &counts);
	EXPECT_EQ(counts.usage, 1000 * SIZE);
	EXPECT_EQ(counts.limit, 1000 * SIZE);
	EXPECT_EQ(counts.peak, 1000 * SIZE);
	EXPECT_EQ(counts.refusals, 2);
	kmem_cache_free(cache, objects[0]);
	objects[0] = kmem_cache_alloc(cache, GFP_KERNEL);
	EXPECT_NE(objects[0], NULL);
	EXPECT_NULL(kmem_cache_alloc(cache, GFP_KERNEL));
	kmem_group_set_limit(mail, 999 * SIZE);
	EXPECT_EQ(usage_of(mail), 1000 * SIZE);
	give_objects(cache, objects, 1000);
	EXPECT_EQ(usage_of(mail), 0);
	check_everything();
}

/* What one group freed, its CPU's stock holds; it must not keep others from their limit. */
TEST(a_stock_that_lies_idle_keeps_nobody_from_the_limit)
{
	struct kmem_group *top = group_of("top", NULL, 100 * SIZE);
	struct kmem_group *one = group_of("one", top, KMEM_GROUP_UNLIMITED);
	struct kmem_group *two = group_of("two", top, KMEM_GROUP_UNLIMITED);
	struct kmem_cache *cache = letters();
	void *objects[100];

	kmem_group_enter(one);
	take_objects(cache, objects, 50);
	give_objects(cache, objects, 50);
	kmem_group_enter(two);
	take_objects(cache, objects, 100);
	EXPECT_NULL(kmem_cache_alloc(cache, GFP_KERNEL));
	give_objects(cache, objects, 100);
	EXPECT_EQ(usage_of(top), 0);
}

TEST(the_limit_of_every_group_above_holds)
{
	struct kmem_group *top = group_of("top", NULL, 10 * SIZE);
	struct kmem_group *middle = group_of("middle", top, KMEM_GROUP_UNLIMITED);
	struct kmem_group *low = group_of("low", middle, 100 * SIZE);
	struct kmem_cache *cache = letters();
	struct kmem_group_counts counts;
	void *objects[10];

	kmem_group_enter(low);
	take_objects(cache, objects, 10);
	EXPECT_NULL(kmem_cache_alloc(cache, GFP_KERNEL));
	kmem_group_read(top, &counts);
	EXPECT_EQ(counts.refusals, 1);
	kmem_group_read(low, &counts);
	EXPECT_EQ(counts.refusals, 0);
	EXPECT_EQ(counts.usage, 10 * SIZE);
	EXPECT_EQ(usage_of(middle), 10 * SIZE);
	give_objects(cache, objects, 10);
	EXPECT_EQ(usage_of(top), 0);
}

TEST(who_may_not_fail_passes_the_limit)
{
	struct kmem_group *mail = group_of("mail", NULL, 0);
	struct kmem_cache *cache = letters();
	void *objects[2];

	kmem_group_enter(mail);
	objects[0] = kmem_cache_alloc(cache, GFP_KERNEL | __GFP_NOFAIL);
	objects[1] = kmem_cache_alloc(cache, GFP_ATOMIC | __GFP_MEMALLOC);
	EXPECT_EQ(usage_of(mail), 2 * SIZE);
	EXPECT_NULL(kmem_cache_alloc(cache, GFP_KERNEL));
	give_objects(cache, objects, 2);
	EXPECT_EQ(usage_of(mail), 0);
}

/* ---- Later --------------------------------------------------------------------------------- */

static bool charge_in(struct kmem_group *group, void *object, gfp_t gfp)
{
	struct kmem_group *before = kmem_group_enter(group);
	bool charged = kmem_cache_charge(object, gfp);

	kmem_group_leave(before);
	return charged;
}

TEST(an_object_can_be_charged_after_it_was_allocated)
{
	struct kmem_group *mail = group_of("mail", NULL, SIZE);
	struct kmem_cache *cache = letters(), *plain = cache_of("plain", 100);
	void *object = kmem_cache_alloc(cache, GFP_KERNEL), *second;

	EXPECT(kmem_cache_charge(object, GFP_KERNEL));
	EXPECT_EQ(kmem_group_cache_usage(NULL, cache), 0);
	EXPECT(charge_in(mail, object, GFP_KERNEL));
	EXPECT_EQ(usage_of(mail), SIZE);
	EXPECT(charge_in(mail, object, GFP_KERNEL));    /* it is already */
	EXPECT_EQ(usage_of(mail), SIZE);
	second = kmem_cache_alloc(cache, GFP_KERNEL);
	EXPECT(!charge_in(mail, second, GFP_KERNEL));
	EXPECT(charge_in(mail, second, GFP_KERNEL | __GFP_NOFAIL));
	EXPECT_EQ(usage_of(mail), 2 * SIZE);
	kmem_cache_free(cache, object);
	kmem_cache_free(cache, second);
	EXPECT_EQ(usage_of(mail), 0);
	object = kmem_cache_alloc(plain, GFP_KERNEL);
	EXPECT(charge_in(mail, object, GFP_KERNEL));    /* that cache does not account */
	EXPECT_EQ(usage_of(mail), 0);
	kmem_cache_free(plain, object);
	object = kmalloc(100, GFP_KERNEL_ACCOUNT);
	EXPECT(charge_in(mail, object, GFP_KERNEL));
	EXPECT_EQ(usage_of(mail), 128);
	kfree(object);
	EXPECT_EQ(usage_of(mail), 0);
	check_everything();
}

/* A mapping is charged to nobody: it is none for who would pass his limit by it. */
TEST(what_kvmalloc_is_refused_for_the_limit_is_no_mapping_either)
{
	struct kmem_group *mail = group_of("mail", NULL, 1 << 20);
	void *object;

	object = kvmalloc(2 << 20, GFP_KERNEL_ACCOUNT);
	EXPECT_NE(object, NULL);
	kvfree(object);
	kmem_group_enter(mail);
	EXPECT_REFUSED(kvmalloc(2 << 20, GFP_KERNEL_ACCOUNT), ENOMEM);
	object = kvmalloc(1000, GFP_KERNEL_ACCOUNT);
	EXPECT_REFUSED(kvrealloc(object, 2 << 20, GFP_KERNEL_ACCOUNT), ENOMEM);
	kvfree(object);
	object = kvmalloc(2 << 20, GFP_KERNEL_ACCOUNT | __GFP_NOFAIL);
	EXPECT_EQ(usage_of(mail), 2 << 20);
	kvfree(object);
	EXPECT_EQ(usage_of(mail), 0);
}

TEST_ON("topology:4x2 reaper:off reap_ms:1000000", objects_in_a_source_are_counted_once_on_a_machine_of_two_nodes)
{
	struct kmem_cache_args args = { 0 };
	struct kmem_group *mail;
	struct kmem_cache *cache;

	run_on_cpu(0);
	args.source = bookkeeper(8 * MIB, 65536);
	cache = kmem_cache_create("letters", SIZE, &args, SLAB_ACCOUNT);
	mail = group_of("mail", NULL, KMEM_GROUP_UNLIMITED);
	kmem_group_enter(mail);
	for (unsigned i = 0; i < 10; i++)
		EXPECT_NE(kmem_cache_alloc(cache, GFP_KERNEL), NULL);
	EXPECT_EQ(usage_of(mail), 10 * SIZE);
	EXPECT_EQ(kmem_group_cache_usage(mail, cache), 10 * SIZE);
}

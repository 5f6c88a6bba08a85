/*
 * What a cache with checks does when nothing is wrong, and how it is asked for.
 *
 * What it finds is in misuse/checked, one program a bug.
 */
#include <ukmem/debug.h>

#include <errno.h>
#include <pthread.h>
#include <signal.h>
#include <stdio.h>
#include <sys/wait.h>
#include <unistd.h>

#include "debug/quarantine.h"
#include "harness/fake_os.h"
#include "harness/look.h"
#include "harness/test.h"

#define FZPU (SLAB_CONSISTENCY_CHECKS | SLAB_RED_ZONE | SLAB_POISON | SLAB_STORE_USER)

static bool has_checks(struct kmem_cache *cache)
{
	return cache->layout.hooks != NULL;
}

static struct kmem_cache *checked_cache(const char *name, unsigned size)
{
	struct kmem_cache *cache = kmem_cache_create(name, size, 0, FZPU, NULL);

	EXPECT_NE(cache, NULL);
	EXPECT(has_checks(cache));
	return cache;
}

TEST(a_cache_with_checks_has_no_arrays_whatever_it_is_told)
{
	struct kmem_cache *cache = checked_cache("box", 64);
	void *objects[100];

	EXPECT_EQ(kmem_cache_tune(cache, 120, 60, 8), 0);
	take_objects(cache, objects, 100);
	give_objects(cache, objects, 100);
	EXPECT_EQ(cache->cpu.limit, 0);
	EXPECT_EQ(array_of(cache, thread_slot()), &array_none);
	check_everything();
}

TEST_ON("debug:F,one", a_cache_with_checks_is_never_shared)
{
	struct kmem_cache *one = kmem_cache_create("one", 64, 0, 0, NULL);
	struct kmem_cache *two = kmem_cache_create("two", 64, 0, 0, NULL);
	struct kmem_cache *three = kmem_cache_create("three", 64, 0, 0, NULL);

	EXPECT(has_checks(one) && !has_checks(two));
	EXPECT_NE(one, two);
	EXPECT_EQ(two, three);
}

TEST_ON("debug:FZ,net-*,disk debug:P,disk", options_choose_caches_by_name)
{
	struct kmem_cache *net = kmem_cache_create("net-packet", 100, 0, 0, NULL);
	struct kmem_cache *disk = kmem_cache_create("disk", 200, 0, 0, NULL);
	struct kmem_cache *other = kmem_cache_create("internet-", 300, 0, 0, NULL);

	EXPECT_EQ(net->layout.checks, SLAB_CONSISTENCY_CHECKS | SLAB_RED_ZONE);
	EXPECT_EQ(disk->layout.checks, SLAB_CONSISTENCY_CHECKS | SLAB_RED_ZONE | SLAB_POISON);
	EXPECT(!has_checks(other));
}

TEST_ON("debug:-", a_minus_drops_the_flags_that_caches_ask_for)
{
	struct kmem_cache *asks = kmem_cache_create("asks", 64, 0, FZPU, NULL);

	EXPECT(!has_checks(asks));
	EXPECT_EQ(asks, kmem_cache_create("does not", 64, 0, 0, NULL));
}

TEST_ON("debug:FZPU", every_byte_of_every_object_may_be_written_and_is_aligned)
{
	static const unsigned sizes[] = { 1, 8, 17, 64, 100, 333, 1024, 4000, 4096, 9000, 70000 };

	for (size_t i = 0; i < ARRAY_LENGTH(sizes); i++)
		for (unsigned align = 8; align <= 4096; align *= 8) {
			struct kmem_cache *cache = kmem_cache_create("any", sizes[i], align, 0, NULL);
			void *objects[40];

			take_objects(cache, objects, 40);
			for (int n = 0; n < 40; n++) {
				EXPECT_EQ((size_t)objects[n] % align, 0);
				memset(objects[n], n, sizes[i]);
			}
			EXPECT_EQ(kmem_cache_verify(cache), 0);
			for (int n = 0; n < 40; n++)
				EXPECT_EQ(((char *)objects[n])[sizes[i] - 1], n);
			give_objects(cache, objects, 40);
			kmem_cache_destroy(cache);
		}
	check_everything();
}

/* From the end of one object to the start of the next, whoever's zone it is. */
TEST_ON("debug_abort:no", each_byte_between_two_objects_is_of_a_zone)
{
	static const unsigned sizes[] = { 1, 8, 16, 20, 32, 40, 41, 64, 100 };

	for (size_t i = 0; i < ARRAY_LENGTH(sizes); i++) {
		struct kmem_cache *cache = checked_cache("box", sizes[i]);
		char *object = kmem_cache_alloc(cache, GFP_KERNEL);

		for (size_t at = sizes[i]; at < cache->layout.size; at++) {
			object[at] ^= 1;
			EXPECT_EQ(kmem_cache_verify(cache), 1);
			object[at] ^= 1;
		}
		EXPECT_EQ(kmem_cache_verify(cache), 0);
		kmem_cache_free(cache, object);
		kmem_cache_destroy(cache);
	}
}

TEST(small_objects_have_smaller_zones)
{
	EXPECT_EQ(checked_cache("small", 32)->layout.size, 32 + 8);
	EXPECT_EQ(checked_cache("tiny", 16)->layout.size, 16 + 8);
	EXPECT_EQ(checked_cache("small", 40)->layout.size, 40 + 8);
	EXPECT_EQ(checked_cache("box", 41)->layout.size, 48 + 16);
}

TEST_ON("debug:FZPU", kmalloc_knows_the_size_that_was_asked_for)
{
	char *object = kmalloc(18, GFP_KERNEL);

	EXPECT_EQ(ksize(object), 18);
	memset(object, 'A', 18);
	EXPECT_EQ(krealloc(object, 30, GFP_KERNEL), object);
	EXPECT_EQ(ksize(object), 30);
	memset(object + 18, 'B', 12);
	EXPECT_EQ(krealloc(object, 5, GFP_KERNEL), object);
	EXPECT_EQ(ksize(object), 5);
	object = krealloc(object, 5000, GFP_KERNEL);
	EXPECT(memcmp(object, "AAAAA", 5) == 0);
	EXPECT_EQ(ksize(object), 5000);
	kfree(object);
}

TEST_ON("debug:FZPU", every_size_and_kind_of_kmalloc_works_with_checks)
{
	static const gfp_t kinds[] = { GFP_KERNEL, GFP_KERNEL | __GFP_RECLAIMABLE, GFP_KERNEL | GFP_DMA };

	for (size_t size = 1; size <= KMALLOC_MAX_SIZE; size = size * 3 / 2 + 1)
		for (size_t kind = 0; kind < ARRAY_LENGTH(kinds); kind++) {
			char *object = kmalloc(size, kinds[kind] | __GFP_ZERO);

			EXPECT_NE(object, NULL);
			for (size_t i = 0; i < size; i++)
				EXPECT_EQ(object[i], 0);
			memset(object, 'A', size);
			kfree(object);
		}
	EXPECT_EQ(kmalloc(0, GFP_KERNEL), ZERO_SIZE_PTR);
	EXPECT_REFUSED(kmalloc(KMALLOC_MAX_SIZE + 1, GFP_KERNEL), ENOMEM);
	EXPECT_REFUSED(kmalloc_node(8, GFP_KERNEL, 77), EINVAL);
	EXPECT_NE(kmalloc(KMALLOC_MAX_SIZE, GFP_KERNEL), NULL);
}

TEST(what_is_handed_out_looks_unwritten_and_what_is_freed_looks_freed)
{
	struct kmem_cache *cache = checked_cache("box", 64);
	unsigned char *object = kmem_cache_alloc(cache, GFP_KERNEL);

	for (int i = 0; i < 64; i++)
		EXPECT_EQ(object[i], 0x5a);
	kmem_cache_free(cache, object);
	for (int i = 0; i < 64; i++)
		EXPECT_EQ(object[i], 0x6b);
}

/* What is handed out must look unwritten to its owner's eye, not cost another pass. */
TEST(large_objects_look_unwritten_first_and_freed_behind)
{
	struct kmem_cache *cache = checked_cache("box", 3000);
	unsigned char *object = kmem_cache_alloc(cache, GFP_KERNEL);

	for (int i = 0; i < 3000; i++)
		EXPECT_EQ(object[i], i < 256 ? 0x5a : 0x6b);
}

TEST_ON("debug_quarantine:0 debug_abort:no", a_write_to_a_free_object_is_found_when_its_slab_goes)
{
	struct kmem_cache *cache = checked_cache("box", 64);
	char *object = kmem_cache_alloc(cache, GFP_KERNEL);

	kmem_cache_free(cache, object);
	object[63] = 1;
	EXPECT_EQ(kmem_reports(), 0);
	kmem_cache_shrink(cache);
	EXPECT_EQ(kmem_reports(), 1);
}

TEST(freed_objects_are_held_back_until_the_budget_is_used_up)
{
	struct kmem_cache *cache = checked_cache("box", 64);
	unsigned distance = 0;
	void *first = kmem_cache_alloc(cache, GFP_KERNEL), *object;

	kmem_cache_free(cache, first);
	do {
		object = kmem_cache_alloc(cache, GFP_KERNEL);
		kmem_cache_free(cache, object);
		distance++;
	} while (object != first && distance < 100000);
	EXPECT(distance > (1 << 20) / 200 && distance < (1 << 20) / 64);
}

TEST_ON("debug_quarantine:0", without_a_budget_they_go_home_at_once)
{
	struct kmem_cache *cache = checked_cache("box", 64);
	void *object = kmem_cache_alloc(cache, GFP_KERNEL);

	kmem_cache_free(cache, object);
	EXPECT_EQ(kmem_cache_alloc(cache, GFP_KERNEL), object);
}

TEST_ON("debug_quarantine:200", a_budget_for_three_objects_holds_three)
{
	struct kmem_cache *cache = kmem_cache_create("box", 16, 0, SLAB_CONSISTENCY_CHECKS, NULL);

	for (int i = 0; i < 100; i++)
		kmem_cache_free(cache, kmem_cache_alloc(cache, GFP_KERNEL));
	EXPECT_EQ(kmem_cache_shrink(cache), 0);
}

TEST(shrink_and_destroy_let_go_of_what_is_held_back)
{
	struct kmem_cache *cache = checked_cache("box", 64), *other = checked_cache("other", 64);
	void *objects[50];

	take_objects(cache, objects, 50);
	give_objects(cache, objects, 50);
	take_objects(other, objects, 50);
	give_objects(other, objects, 50);
	EXPECT_EQ(kmem_cache_shrink(cache), 0);
	EXPECT_EQ(slabs_of(cache), 0);
	EXPECT_NE(slabs_of(other), 0);
	kmem_cache_destroy(other);
	kmem_cache_destroy(cache);
	check_everything();
}

static void (*at_once)(struct slab_layout *, void *const *, unsigned, bool);
static _Atomic unsigned on_the_way;

static void slowly(struct slab_layout *layout, void *const *objects, unsigned count, bool looks)
{
	if (on_the_way++ == 0)
		usleep(40000);
	at_once(layout, objects, count, looks);
}

static void *free_until_one_goes(void *other)
{
	while (on_the_way == 0)
		kmem_cache_free(other, kmem_cache_alloc(other, GFP_KERNEL));
	return NULL;
}

TEST_ON("debug_quarantine:4096", shrink_waits_for_what_another_thread_is_bringing_home)
{
	struct kmem_cache *cache = checked_cache("box", 64), *other = checked_cache("other", 64);
	pthread_t thread;

	kmem_cache_free(cache, kmem_cache_alloc(cache, GFP_KERNEL));
	at_once = quarantine_exit;
	quarantine_exit = slowly;
	EXPECT_EQ(pthread_create(&thread, NULL, free_until_one_goes, other), 0);
	while (on_the_way == 0)
		usleep(1000);
	EXPECT_EQ(kmem_cache_shrink(cache), 0);
	pthread_join(thread, NULL);
}

static int constructed;

static void construct(void *object)
{
	*(int *)object = 42;
	constructed++;
}

TEST(poisoned_objects_are_constructed_each_time_they_are_handed_out)
{
	struct kmem_cache *cache = kmem_cache_create("nodes", 64, 0, FZPU, construct);
	int *object = kmem_cache_alloc(cache, GFP_KERNEL), before = constructed;

	EXPECT_EQ(*object, 42);
	kmem_cache_free(cache, object);
	EXPECT_NE(*object, 42);
	EXPECT_EQ(*(int *)kmem_cache_alloc(cache, GFP_KERNEL), 42);
	EXPECT(constructed > before);
}

TEST(late_readers_of_an_rcu_object_find_what_was_there)
{
	struct kmem_cache *cache = kmem_cache_create("rcu", 64, 0, FZPU | SLAB_TYPESAFE_BY_RCU, NULL);
	char *object = kmem_cache_alloc(cache, GFP_KERNEL);

	memset(object, 'A', 64);
	kmem_cache_free(cache, object);
	for (int i = 0; i < 64; i++)
		EXPECT_EQ(object[i], 'A');
}

TEST_ON("debug:FZPU,box debug_abort:no", bulks_may_hold_objects_of_many_slabs)
{
	struct kmem_cache *cache = kmem_cache_create("box", 500, 0, 0, NULL);
	void *objects[100];

	for (unsigned count = 10; count <= 100; count += 90) {
		EXPECT_EQ(kmem_cache_alloc_bulk(cache, GFP_KERNEL, count, objects), count);
		for (unsigned i = 0; i < count; i++)
			memset(objects[i], 'A', 500);
		kmem_cache_free_bulk(cache, count, objects);
	}
	EXPECT_EQ(kmem_reports(), 0);
}

TEST_ON("debug_abort:no", a_mistake_is_reported_once_mended_and_lived_with)
{
	struct kmem_cache *cache = checked_cache("box", 64);
	char *object = kmem_cache_alloc(cache, GFP_KERNEL);

	log_begin();
	object[64] = 'A';
	EXPECT_EQ(kmem_cache_verify(cache), 1);
	kmem_cache_free(cache, object);         /* reported again, and mended */
	kmem_cache_free(cache, object + 8);     /* not done */
	kmem_cache_free(cache, object);         /* not done either */
	EXPECT_EQ(kmem_reports(), 4);
	EXPECT_EQ(kmem_cache_verify(cache), 0);
	EXPECT_CONTAINS(log_end(), "write past the end");
	EXPECT_EQ(kmem_cache_shrink(cache), 0);
	check_everything();
}

TEST_ON("debug:FU debug_abort:no", what_lies_before_a_slabs_objects_is_no_object_of_a_wrong_cache_either)
{
	struct kmem_cache *box = kmem_cache_create("box", 64, 0, 0, NULL);
	struct kmem_cache *other = kmem_cache_create("other", 200, 0, 0, NULL);
	char *object = kmem_cache_alloc(box, GFP_KERNEL);

	kmem_cache_free(other, page_address(virt_to_head_page(object)));
	EXPECT_EQ(kmem_reports(), 1);
}

TEST_ON("debug:U debug_quarantine:0 init_on_alloc:on", what_a_resize_adds_in_place_is_cleared_too)
{
	char *object = kmalloc(64, GFP_KERNEL), *again;

	memset(object, 'A', 64);
	kfree(object);
	again = kmalloc(40, GFP_KERNEL);
	EXPECT_EQ(krealloc(again, 60, GFP_KERNEL), again);
	for (int i = 0; i < 60; i++)
		EXPECT_EQ(again[i], 0);
}

TEST_ON("debug_abort:no", verify_looks_at_what_is_held_back)
{
	struct kmem_cache *cache = checked_cache("box", 64);
	char *object = kmem_cache_alloc(cache, GFP_KERNEL);

	kmem_cache_free(cache, object);
	object[7] = 'A';
	EXPECT_EQ(kmem_cache_verify(cache), 1);
}

TEST_ON("debug_abort:no", reports_leave_no_memory_behind)
{
	struct kmem_cache *cache;
	unsigned mapped;
	char *object;

	fake_os_install();
	cache = checked_cache("box", 64);
	object = kmem_cache_alloc(cache, GFP_KERNEL);
	object[64] = 'A';
	mapped = fake_os_requests_of(FAKE_MAP) - fake_os_requests_of(FAKE_UNMAP);
	for (int i = 0; i < 10; i++)
		EXPECT_EQ(kmem_cache_verify(cache), 1);
	EXPECT_EQ(fake_os_requests_of(FAKE_MAP) - fake_os_requests_of(FAKE_UNMAP), mapped);
}

TEST(verify_answers_for_plain_caches_and_for_none)
{
	EXPECT_EQ(kmem_cache_verify(cache_of("plain", 64)), 0);
	EXPECT_EQ(kmem_cache_verify(NULL), -EINVAL);
}

TEST(a_trace_names_cache_call_object_and_caller)
{
	struct kmem_cache *cache = kmem_cache_create("traced", 64, 0, SLAB_TRACE, NULL);
	char line[64];
	const char *log;
	void *object;

	log_begin();
	object = kmem_cache_alloc(cache, GFP_KERNEL);
	kmem_cache_free(cache, object);
	log = log_end();
	snprintf(line, sizeof(line), "ukmem: traced alloc %p (64 bytes)\n    #0 ", object);
	EXPECT_CONTAINS(log, line);
	snprintf(line, sizeof(line), "ukmem: traced free %p (64 bytes)\n    #0 ", object);
	EXPECT_CONTAINS(log, line);
}

TEST(a_fork_child_goes_on_with_its_checks)
{
	struct kmem_cache *cache = checked_cache("box", 64);
	void *object = kmem_cache_alloc(cache, GFP_KERNEL);
	int status;

	if (fork() == 0) {
		kmem_cache_free(cache, object);
		kmem_cache_free(cache, kmem_cache_alloc(cache, GFP_KERNEL));
		_exit(kmem_cache_shrink(cache) == 0 ? 0 : 1);
	}
	EXPECT(wait(&status) > 0);
	EXPECT_EQ(status, 0);
}

static struct kmem_cache *used_in_handler;
static void *from_handler;

static void handler(int number)
{
	(void)number;
	from_handler = kmem_cache_alloc(used_in_handler, GFP_ATOMIC);
}

TEST(a_signal_handler_may_allocate_from_it)
{
	used_in_handler = checked_cache("box", 64);
	kmem_cache_free(used_in_handler, kmem_cache_alloc(used_in_handler, GFP_KERNEL));
	signal(SIGUSR1, handler);
	raise(SIGUSR1);
	EXPECT_NE(from_handler, NULL);
	kmem_cache_free(used_in_handler, from_handler);
}

TEST(a_refused_merge_costs_no_object_size)
{
	struct kmem_cache *cache = checked_cache("box", 100);

	EXPECT_EQ(kmem_cache_size(cache), 100);
	EXPECT(cache->layout.size <= 100 + 16 + 8);
}

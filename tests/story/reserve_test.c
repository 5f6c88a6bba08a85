/*
 * The emergency reserve: who is served from it, and that it is whole again afterwards.
 */
#include <errno.h>
#include <stdio.h>
#include <sys/resource.h>
#include <sys/wait.h>
#include <ukmem/group.h>
#include <ukmem/reserve.h>
#include <unistd.h>

#include "harness/fake_os.h"
#include "harness/look.h"
#include "harness/test.h"
#include "node/emergency.h"

enum { PAGES = 64, RECORDS_MAX = 400000 };

static void *records[RECORDS_MAX];
static unsigned records_count;

static void set_aside(size_t pages)
{
	int error = kmem_reserve_pages(pages);

	if (error == -ENOMEM)
		test_skip("no window of addresses for a reserve");
	EXPECT_EQ(error, 0);
	EXPECT_EQ(kmem_reserve_free(), pages);
}

/* Of all sizes, until nothing is to be had. */
static void allocate_until_null(struct kmem_cache *cache)
{
	static const size_t sizes[] = { 64 << 10, 4096, 512, 32 };

	for (size_t i = 0; i < 4; i++)
		while (records_count < RECORDS_MAX &&
		       (records[records_count] = kmalloc(sizes[i], GFP_KERNEL)) != NULL)
			records_count++;
	while (records_count < RECORDS_MAX &&
	       (records[records_count] = kmem_cache_alloc(cache, GFP_KERNEL)) != NULL)
		records_count++;
	EXPECT(records_count > 20 && records_count < RECORDS_MAX);
}

static void exhaust(struct kmem_cache *cache)
{
	kmem_cache_free(cache, kmem_cache_alloc(cache, GFP_KERNEL));
	kfree(kmalloc(64 << 10, GFP_KERNEL));
	fake_os_refuse_memory();
	allocate_until_null(cache);
}

static void free_records(void)
{
	while (records_count != 0)
		kfree(records[--records_count]);
}

/* ---- With RLIMIT_AS ---------------------------------------------------------------------- */

static size_t address_space(void)
{
	size_t pages = 0;
	FILE *file = fopen("/proc/self/statm", "r");

	EXPECT(file != NULL && fscanf(file, "%zu", &pages) == 1);
	fclose(file);
	return pages << 12;
}

/* To free a record it must be written out, and for that a message is needed. */
static bool write_out(struct kmem_cache *messages, gfp_t gfp)
{
	void *message = kmem_cache_alloc(messages, gfp), *text = kmalloc(2000, gfp);

	if (message == NULL || text == NULL) {
		kmem_cache_free(messages, message);
		kfree(text);
		return false;
	}
	memset(text, 1, 2000);
	kfree(records[--records_count]);
	kfree(text);
	kmem_cache_free(messages, message);
	return true;
}

TEST(with_its_address_space_used_up_freeing_work_that_allocates_completes)
{
	struct kmem_cache *messages = cache_of("messages", 700);
	struct rlimit limit;

	set_aside(PAGES);
	if (getrlimit(RLIMIT_AS, &limit) != 0 || limit.rlim_cur != RLIM_INFINITY)
		test_skip("there is a limit of address space already");
	limit.rlim_cur = address_space() + (16 << 20);
	EXPECT_EQ(setrlimit(RLIMIT_AS, &limit), 0);
	allocate_until_null(messages);
	EXPECT(!write_out(messages, GFP_KERNEL));
	EXPECT(!write_out(messages, GFP_KERNEL | __GFP_MEMALLOC | __GFP_NOMEMALLOC));
	while (records_count != 0)
		EXPECT(write_out(messages, GFP_KERNEL | __GFP_MEMALLOC));
	EXPECT_EQ(kmem_reserve_free(), PAGES);
	EXPECT_EQ(kmem_cache_shrink(messages), 0);
	check_everything();
}

/* ---- Who is served ----------------------------------------------------------------------- */

TEST(the_reserve_is_not_touched_while_there_is_memory)
{
	struct kmem_cache *cache = cache_of("messages", 700);
	void *object;

	set_aside(PAGES);
	object = kmem_cache_alloc(cache, GFP_KERNEL | __GFP_MEMALLOC);
	EXPECT(!emergency_owns(object));
	EXPECT_EQ(kmem_reserve_free(), PAGES);
	kmem_cache_free(cache, object);
}

TEST(nobody_else_ever_gets_an_object_of_the_reserve)
{
	struct kmem_cache *cache = cache_of("messages", 700);
	void *object, *other, *ours[3];

	fake_os_install();
	set_aside(PAGES);
	other = kmem_cache_alloc(cache, GFP_KERNEL);
	exhaust(cache);
	for (int i = 0; i < 3; i++) {
		ours[i] = kmem_cache_alloc(cache, GFP_KERNEL | __GFP_MEMALLOC);
		EXPECT(emergency_owns(ours[i]));
	}
	EXPECT_EQ(slab_of_object(ours[0]), slab_of_object(ours[2]));
	kmem_cache_free(cache, ours[1]);
	EXPECT_NULL(kmem_cache_alloc(cache, GFP_KERNEL));       /* a slab with room, not for us */
	object = kmem_cache_alloc(cache, GFP_ATOMIC | __GFP_MEMALLOC);
	EXPECT_EQ(object, ours[1]);
	EXPECT_EQ(kmem_reserve_pages(0), -EBUSY);
	EXPECT_EQ(kmem_cache_shrink(cache), 1);
	kmem_cache_free(cache, other);                          /* one of cache's own */
	other = kmem_cache_alloc(cache, GFP_KERNEL | __GFP_MEMALLOC);
	EXPECT(!emergency_owns(other));
	kmem_cache_free(cache, other);
	kmem_cache_free(cache, object);
	kfree_nolock(ours[0]);
	kfree(ours[2]);
	kmem_cache_shrink(cache);
	EXPECT_EQ(kmem_reserve_free(), PAGES);
	fake_os_refuse(0);
	free_records();
	check_everything();
}

static unsigned constructed;

static void construct(void *object)
{
	constructed++;
	memset(object, 7, 100);
}

/* Sizes whose free lists are in an object, at the slab's end, in another cache's object. */
TEST(caches_of_every_kind_are_served_until_the_reserve_is_empty)
{
	static const unsigned sizes[] = { 32, 200, 1000, 3000, 8192, 40000 };
	struct kmem_cache *caches[8];
	static void *objects[8][3000];
	unsigned counts[8] = { 0 };

	fake_os_install();
	for (int i = 0; i < 6; i++)
		caches[i] = cache_of("kind", sizes[i]);
	caches[6] = kmem_cache_create("constructed", 100, 0, 0, construct);
	caches[7] = kmem_cache_create("checked", 100, 0, SLAB_CONSISTENCY_CHECKS | SLAB_POISON |
				      SLAB_RED_ZONE, NULL);
	set_aside(256);
	exhaust(caches[0]);
	for (int i = 0; i < 8; i++)
		while (counts[i] < 30 &&
		       (objects[i][counts[i]] = kmem_cache_alloc(caches[i], GFP_KERNEL | __GFP_MEMALLOC)))
			counts[i]++;
	for (int i = 0; i < 8; i++)
		EXPECT(counts[i] >= (i == 5 ? 1 : 20));
	EXPECT_EQ(*(char *)objects[6][0], 7);
	while (counts[0] < 3000 &&
	       (objects[0][counts[0]] = kmem_cache_alloc(caches[0], GFP_KERNEL | __GFP_MEMALLOC)))
		counts[0]++;
	for (int i = 0; i < 8; i++)
		give_objects(caches[i], objects[i], counts[i]);
	for (int i = 0; i < 8; i++)
		kmem_cache_shrink(caches[i]);
	EXPECT_EQ(kmem_reserve_free(), 256);
	fake_os_refuse(0);
	free_records();
	check_everything();
}

TEST(when_the_reserve_is_empty_there_is_nothing)
{
	struct kmem_cache *cache = cache_of("messages", 4096);
	void *objects[PAGES + 1];
	unsigned count = 0;

	fake_os_install();
	set_aside(PAGES);
	exhaust(cache);
	while (count <= PAGES && (objects[count] = kmem_cache_alloc(cache, GFP_NOWAIT | __GFP_MEMALLOC)))
		count++;
	EXPECT(count > PAGES / 2 && count <= PAGES);
	give_objects(cache, objects, count);
	EXPECT_EQ(kmem_reserve_free(), PAGES);
}

TEST(accounted_callers_in_an_emergency_pass_their_limit)
{
	struct kmem_cache *cache = kmem_cache_create("letters", 700, 0, SLAB_ACCOUNT, NULL);
	struct kmem_group *group = kmem_group_create("mail", NULL, 0);
	struct kmem_group_counts counts;
	void *object;

	fake_os_install();
	set_aside(PAGES);
	exhaust(cache);
	kmem_group_enter(group);
	EXPECT_NULL(kmem_cache_alloc(cache, GFP_KERNEL));
	object = kmem_cache_alloc(cache, GFP_KERNEL | __GFP_MEMALLOC);
	EXPECT(emergency_owns(object));
	kmem_cache_free(cache, object);
	kmem_group_read(group, &counts);
	EXPECT_EQ(counts.usage, 0);
	EXPECT_EQ(kmem_reserve_free(), PAGES);
}

/* ---- Its life ------------------------------------------------------------------------------ */

TEST(a_reserve_is_made_larger_smaller_and_given_up)
{
	EXPECT_EQ(kmem_reserve_free(), 0);
	EXPECT_EQ(kmem_reserve_pages((1 << 18) + 1), -EINVAL);
	for (int i = 0; i < 20; i++) {
		set_aside(10);
		set_aside(3000);
		EXPECT_EQ(kmem_reserve_pages(0), 0);
		EXPECT_EQ(kmem_reserve_free(), 0);
	}
	fake_os_install();
	fake_os_refuse_memory();
	EXPECT_EQ(kmem_reserve_pages(10), -ENOMEM);
	fake_os_refuse(0);
	EXPECT_EQ(kmem_reserve_free(), 0);
	check_everything();
}

TEST(objects_whose_free_had_to_wait_are_no_reason_to_keep_a_reserve)
{
	struct kmem_cache *cache = cache_of("messages", 700);
	void *object;

	fake_os_install();
	set_aside(PAGES);
	exhaust(cache);
	object = kmem_cache_alloc(cache, GFP_KERNEL | __GFP_MEMALLOC);
	EXPECT(emergency_owns(object));
	kfree_nolock(object);
	EXPECT_EQ(kmem_reserve_pages(0), 0);
}

TEST(a_fork_child_has_a_reserve_of_its_own)
{
	struct kmem_cache *cache = cache_of("messages", 700);
	int status;

	fake_os_install();
	set_aside(PAGES);
	exhaust(cache);
	if (fork() == 0) {
		void *object = kmem_cache_alloc(cache, GFP_KERNEL | __GFP_MEMALLOC);

		EXPECT(emergency_owns(object));
		kmem_cache_free(cache, object);
		EXPECT_EQ(kmem_reserve_free(), PAGES);
		_exit(0);
	}
	wait(&status);
	EXPECT_EQ(status, 0);
	EXPECT_EQ(kmem_reserve_free(), PAGES);
}

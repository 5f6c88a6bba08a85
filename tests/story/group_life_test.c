/*
 * Accounting groups: entering, leaving, destroying; and how room is made.
 */
#include <errno.h>
#include <pthread.h>
#include <sys/wait.h>
#include <ukmem/shrinker.h>
#include <unistd.h>

#include "account/group.h"
#include "harness/groups.h"
#include "harness/look.h"

/* ---- Entering ------------------------------------------------------------------------ */

TEST(entering_nests)
{
	struct kmem_group *outer = group_of("outer", NULL, KMEM_GROUP_UNLIMITED);
	struct kmem_group *inner = group_of("inner", NULL, KMEM_GROUP_UNLIMITED);
	struct kmem_group *first, *second, *third;

	first = kmem_group_enter(outer);
	second = kmem_group_enter(inner);
	EXPECT_EQ(kmem_group_current(), inner);
	third = kmem_group_enter(NULL);
	EXPECT_NULL(kmem_group_current());
	kmem_group_leave(third);
	EXPECT_EQ(kmem_group_current(), inner);
	kmem_group_leave(second);
	EXPECT_EQ(kmem_group_current(), outer);
	kmem_group_leave(first);
	EXPECT_NULL(kmem_group_current());
}

static struct kmem_group *threads_group;
static struct kmem_cache *threads_cache;
static void *threads_objects[4];

static void *leave_an_object(void *slot)
{
	kmem_group_enter(threads_group);
	*(void **)slot = kmem_cache_alloc(threads_cache, GFP_KERNEL);
	return NULL;
}

TEST(what_a_thread_left_behind_is_charged_and_freed_by_another)
{
	pthread_t threads[4];

	threads_group = group_of("mail", NULL, KMEM_GROUP_UNLIMITED);
	threads_cache = letters();
	for (int i = 0; i < 4; i++) {
		pthread_create(&threads[i], NULL, leave_an_object, &threads_objects[i]);
		pthread_join(threads[i], NULL);
	}
	EXPECT_NULL(kmem_group_current());
	EXPECT_EQ(usage_of(threads_group), 4 * SIZE);
	give_objects(threads_cache, threads_objects, 4);
	EXPECT_EQ(usage_of(threads_group), 0);
}

TEST(a_fork_child_has_groups_of_its_own)
{
	struct kmem_group *mail = group_of("mail", NULL, 100 * SIZE);
	struct kmem_cache *cache = letters();
	void *objects[50], *more[50];
	int status;

	kmem_group_enter(mail);
	take_objects(cache, objects, 50);
	if (fork() == 0) {
		EXPECT_EQ(kmem_group_current(), mail);
		take_objects(cache, more, 50);
		EXPECT_NULL(kmem_cache_alloc(cache, GFP_KERNEL));
		give_objects(cache, more, 50);
		give_objects(cache, objects, 50);
		EXPECT_EQ(usage_of(mail), 0);
		_exit(0);
	}
	wait(&status);
	EXPECT_EQ(status, 0);
	EXPECT_EQ(usage_of(mail), 50 * SIZE);
	give_objects(cache, objects, 50);
	EXPECT_EQ(usage_of(mail), 0);
}

/* ---- Destroying ---------------------------------------------------------------------- */

TEST(a_destroyed_groups_charges_are_its_parents)
{
	struct kmem_group *top = group_of("top", NULL, 20 * SIZE);
	struct kmem_group *low = group_of("low", top, 10 * SIZE);
	struct kmem_cache *cache = letters();
	struct kmem_group *before = kmem_group_enter(low);
	void *objects[20];

	take_objects(cache, objects, 10);
	kmem_group_destroy(low);
	EXPECT_EQ(kmem_group_current(), top);
	EXPECT_EQ(usage_of(top), 10 * SIZE);
	EXPECT_EQ(kmem_group_cache_usage(top, cache), 10 * SIZE);
	take_objects(cache, objects + 10, 10);          /* the limit of 10 is gone */
	EXPECT_NULL(kmem_cache_alloc(cache, GFP_KERNEL));
	kmem_group_leave(before);
	give_objects(cache, objects, 20);
	EXPECT_EQ(usage_of(top), 0);
	kmem_group_destroy(top);
	kmem_group_destroy(NULL);
	check_everything();
}

TEST(a_group_without_a_parent_leaves_its_charges_to_nobody)
{
	struct kmem_group *mail = group_of("mail", NULL, 10 * SIZE);
	struct kmem_cache *cache = letters();
	void *object = alloc_in(mail, cache, GFP_KERNEL);

	kmem_group_destroy(mail);
	EXPECT_EQ(kmem_group_cache_usage(NULL, cache), SIZE);
	kmem_cache_free(cache, object);
	EXPECT_EQ(kmem_group_cache_usage(NULL, cache), 0);
	EXPECT_EQ(groups[1]->pins, 0);
}

TEST(groups_below_a_destroyed_one_go_on_below_its_parent)
{
	struct kmem_group *top = group_of("top", NULL, 10 * SIZE);
	struct kmem_group *middle = group_of("middle", top, 5 * SIZE);
	struct kmem_group *low = group_of("low", middle, KMEM_GROUP_UNLIMITED);
	struct kmem_cache *cache = letters();
	void *objects[10];

	kmem_group_destroy(middle);
	kmem_group_enter(low);
	take_objects(cache, objects, 10);
	EXPECT_NULL(kmem_cache_alloc(cache, GFP_KERNEL));
	give_objects(cache, objects, 10);
	EXPECT_EQ(usage_of(top), 0);
}

/* 40,000 groups one after another, some with an object that lives a while. */
TEST(numbers_are_used_again)
{
	struct kmem_group *top = group_of("top", NULL, KMEM_GROUP_UNLIMITED);
	struct kmem_cache *cache = letters();
	static void *objects[100];
	size_t meta = 0;

	for (unsigned i = 0; i < 40000; i++) {
		struct kmem_group *group = group_of("one", top, KMEM_GROUP_UNLIMITED);

		kmem_cache_free(cache, objects[i % 100]);
		objects[i % 100] = i % 3 == 0 ? alloc_in(group, cache, GFP_KERNEL) : NULL;
		kmem_group_destroy(group);
		if (i == 1000)
			meta = meta_active_objects();
	}
	EXPECT(meta_active_objects() <= meta + 2);
	for (unsigned i = 0; i < 100; i++)
		kmem_cache_free(cache, objects[i]);
	EXPECT_EQ(usage_of(top), 0);
	EXPECT_EQ(top->pins, 1);
}

TEST(there_is_an_end_to_groups)
{
	struct kmem_group *last = NULL, *next;
	unsigned count = 0;

	errno = 0;
	while ((next = kmem_group_create("one", last, KMEM_GROUP_UNLIMITED)) != NULL) {
		last = next;
		count++;
	}
	EXPECT_EQ(errno, ENOSPC);
	EXPECT_EQ(count, GROUPS_MAX - 1);
	kmem_group_destroy(last);
	EXPECT_NE(kmem_group_create("one", NULL, 0), NULL);
}

/* ---- Room is made -------------------------------------------------------------------- */

static void *kept[64];
static unsigned long kept_count;

static unsigned long count_kept(struct shrinker *shrinker, struct shrink_control *sc)
{
	(void)shrinker;
	(void)sc;
	return kept_count;
}

static unsigned long free_kept(struct shrinker *shrinker, struct shrink_control *sc)
{
	unsigned long freed = 0;

	(void)shrinker;
	for (; freed < sc->nr_to_scan && kept_count != 0; freed++)
		kmem_cache_free(threads_cache, kept[--kept_count]);
	return freed;
}

TEST(shrinkers_make_room_before_an_allocation_fails)
{
	struct kmem_group *mail = group_of("mail", NULL, 64 * SIZE);
	struct shrinker *shrinker = shrinker_alloc(0, "kept");
	void *objects[64];

	threads_cache = letters();
	shrinker->count_objects = count_kept;
	shrinker->scan_objects = free_kept;
	shrinker_register(shrinker);
	kmem_group_enter(mail);
	while (kept_count < 64)
		kept[kept_count++] = kmem_cache_alloc(threads_cache, GFP_KERNEL);
	EXPECT_NULL(kmem_cache_alloc(threads_cache, GFP_ATOMIC));
	EXPECT_EQ(kept_count, 64);
	take_objects(threads_cache, objects, 64);
	EXPECT_EQ(kept_count, 0);
	EXPECT_EQ(usage_of(mail), 64 * SIZE);
	EXPECT_NULL(kmem_cache_alloc(threads_cache, GFP_KERNEL));
	give_objects(threads_cache, objects, 64);
	EXPECT_EQ(usage_of(mail), 0);
	shrinker_free(shrinker);
}

static struct kmem_group *asked_group;
static unsigned asked;
static enum kmem_group_verdict answer;

static enum kmem_group_verdict when_asked(struct kmem_group *group, size_t bytes, gfp_t gfp,
					  unsigned attempt, void *data)
{
	EXPECT_EQ(group, asked_group);
	EXPECT_EQ(bytes, SIZE);
	EXPECT_EQ(gfp, GFP_KERNEL);
	EXPECT_EQ(attempt, asked);
	EXPECT_EQ(data, &asked);
	EXPECT_NULL(kmem_group_current());
	EXPECT_NULL(alloc_in(group, threads_cache, GFP_KERNEL));   /* does not ask again */
	if (++asked == 3 && answer == KMEM_GROUP_RETRY)
		kmem_group_set_limit(group, SIZE);
	return answer;
}

TEST(the_callback_of_the_full_group_decides)
{
	struct kmem_group *low;
	kmem_group_callback *callback = when_asked;
	void *object, *passed;

	threads_cache = letters();
	asked_group = group_of("top", NULL, 0);
	low = group_of("low", asked_group, KMEM_GROUP_UNLIMITED);
	kmem_group_set_callback(asked_group, callback, &asked);
	kmem_group_enter(low);
	EXPECT_NULL(kmem_cache_alloc(threads_cache, GFP_ATOMIC));
	EXPECT_EQ(asked, 0);
	EXPECT_NULL(kmem_cache_alloc(threads_cache, GFP_KERNEL));
	EXPECT_EQ(asked, 1);
	answer = KMEM_GROUP_RETRY;
	asked = 0;
	object = kmem_cache_alloc(threads_cache, GFP_KERNEL);
	EXPECT_NE(object, NULL);
	EXPECT_EQ(asked, 3);
	answer = KMEM_GROUP_PASS;
	asked = 0;
	passed = kmem_cache_alloc(threads_cache, GFP_KERNEL);
	EXPECT_NE(passed, NULL);
	EXPECT_EQ(usage_of(asked_group), 2 * SIZE);
	kmem_group_set_callback(asked_group, NULL, NULL);
	EXPECT_NULL(kmem_cache_alloc(threads_cache, GFP_KERNEL));
	kmem_cache_free(threads_cache, object);
	kmem_cache_free(threads_cache, passed);
	EXPECT_EQ(usage_of(low), 0);
}

/* ---- Misuse -------------------------------------------------------------------------- */

static void destroy_twice(void)
{
	struct kmem_group *mail = group_of("mail", NULL, 0);

	kmem_group_enter(mail);
	kmem_group_destroy(mail);
	kmem_group_destroy(mail);
}

TEST(misuse_is_told)
{
	EXPECT_REFUSED(kmem_group_create(NULL, NULL, 0), EINVAL);
	EXPECT_REFUSED(kmem_group_create("", NULL, 0), EINVAL);
	EXPECT_ABORT(destroy_twice, "kmem_group_destroy of group mail, which is destroyed");
}

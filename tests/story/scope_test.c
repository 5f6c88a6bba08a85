/*
 * What all allocations of a thread may do for a while.
 */
#include <errno.h>
#include <pthread.h>
#include <ukmem/group.h>
#include <ukmem/reserve.h>
#include <ukmem/scope.h>
#include <ukmem/shrinker.h>

#include "harness/fake_os.h"
#include "harness/look.h"
#include "harness/test.h"

static gfp_t seen;
static int calls;

static unsigned long count(struct shrinker *shrinker, struct shrink_control *sc)
{
	(void)shrinker;
	seen = sc->gfp_mask;
	calls++;
	return 0;
}

static unsigned long scan(struct shrinker *shrinker, struct shrink_control *sc)
{
	(void)shrinker;
	(void)sc;
	return SHRINK_STOP;
}

static struct shrinker watcher = { .count_objects = count, .scan_objects = scan };

/* With which flags a refused kmalloc(GFP_KERNEL) calls shrinkers; 0: it does not. */
static gfp_t flags_of_reclaim(void)
{
	seen = 0;
	EXPECT_NULL(kvmalloc(100 << 20, GFP_KERNEL));
	return seen;
}

static void refuse_memory(void)
{
	fake_os_install();
	shrinker_register(&watcher);
	kfree(kmalloc(100, GFP_KERNEL));
	fake_os_refuse_memory();
}

TEST(a_scope_takes_flags_from_what_shrinkers_see)
{
	unsigned fs, io;

	refuse_memory();
	EXPECT_EQ(flags_of_reclaim(), GFP_KERNEL);
	fs = kmem_scope_enter(KMEM_SCOPE_NOFS);
	EXPECT_EQ(flags_of_reclaim(), GFP_NOFS);
	io = kmem_scope_enter(KMEM_SCOPE_NOIO);
	EXPECT_EQ(flags_of_reclaim(), GFP_NOIO);
	kmem_scope_leave(io);
	EXPECT_EQ(flags_of_reclaim(), GFP_NOFS);
	kmem_scope_leave(fs);
	EXPECT_EQ(flags_of_reclaim(), GFP_KERNEL);
	EXPECT_EQ(kmem_scope_gfp(GFP_KERNEL), GFP_KERNEL);
}

static void *reclaim_elsewhere(void *unused)
{
	EXPECT_EQ(flags_of_reclaim(), GFP_KERNEL);
	return unused;
}

TEST(a_scope_is_one_thread_s)
{
	pthread_t thread;

	refuse_memory();
	kmem_scope_enter(KMEM_SCOPE_NOFS);
	pthread_create(&thread, NULL, reclaim_elsewhere, NULL);
	pthread_join(thread, NULL);
}

TEST(work_that_frees_memory_calls_no_shrinkers_and_may_have_the_reserve)
{
	struct kmem_cache *cache = cache_of("story", 1000);
	void *object;
	unsigned before;

	if (kmem_reserve_pages(64) == -ENOMEM)
		test_skip("no window of addresses for a reserve");
	kmem_cache_free(cache, kmem_cache_alloc(cache, GFP_KERNEL));
	refuse_memory();
	while (kmem_cache_alloc(cache, GFP_KERNEL) != NULL)
		;
	calls = 0;
	before = kmem_scope_enter(KMEM_SCOPE_MEMALLOC);
	EXPECT_NULL(kmem_cache_alloc(cache, GFP_KERNEL | __GFP_NOMEMALLOC));
	EXPECT_EQ(calls, 0);
	object = kmem_cache_alloc(cache, GFP_KERNEL);
	EXPECT_NE(object, NULL);
	kmem_scope_leave(before);
	EXPECT_NULL(kmem_cache_alloc(cache, GFP_KERNEL));
	EXPECT(calls != 0);
	kmem_cache_free(cache, object);
	EXPECT_EQ(kmem_reserve_free(), 64);
}

TEST(and_passes_the_limits_of_groups)
{
	struct kmem_group *full = kmem_group_create("full", NULL, 0);
	unsigned before;

	kmem_group_enter(full);
	EXPECT_REFUSED(kmalloc(100, GFP_KERNEL_ACCOUNT), ENOMEM);
	before = kmem_scope_enter(KMEM_SCOPE_MEMALLOC);
	EXPECT_REFUSED(kmalloc(100, GFP_KERNEL_ACCOUNT | __GFP_NOMEMALLOC), ENOMEM);
	EXPECT_NE(kmalloc(100, GFP_KERNEL_ACCOUNT), NULL);
	kmem_scope_leave(before);
	EXPECT_REFUSED(kmalloc(100, GFP_KERNEL_ACCOUNT), ENOMEM);
}

/*
 * A guaranteed minimum, over an allocator that refuses when it is told to.
 */
#include <errno.h>
#include <pthread.h>
#include <stdatomic.h>
#include <unistd.h>
#include <ukmem/mempool.h>

#include "harness/look.h"
#include "harness/test.h"

static _Atomic bool refuses;
static _Atomic int out;                 /* elements taken from the allocator */

static void *take(gfp_t gfp, void *pool_data)
{
	if (refuses) {
		errno = ENOMEM;
		return NULL;
	}
	out++;
	return kmalloc((size_t)pool_data, gfp);
}

static void give(void *element, void *pool_data)
{
	(void)pool_data;
	out--;
	kfree(element);
}

static mempool_t *pool_of(int min_nr)
{
	mempool_t *pool = mempool_create(min_nr, take, give, (void *)100);

	EXPECT_NE(pool, NULL);
	return pool;
}

TEST(a_new_pool_keeps_its_minimum)
{
	mempool_t *pool = pool_of(16);

	EXPECT_EQ(pool->curr_nr, 16);
	EXPECT_EQ(out, 16);
	EXPECT(mempool_is_saturated(pool));
	EXPECT(mempool_initialized(pool));
	mempool_destroy(pool);
	EXPECT_EQ(out, 0);
}

TEST(the_allocator_is_asked_before_anything_kept_is_given)
{
	mempool_t *pool = pool_of(4);
	void *element = mempool_alloc(pool, GFP_KERNEL);

	EXPECT_EQ(out, 5);
	EXPECT_EQ(pool->curr_nr, 4);
	mempool_free(element, pool);
	EXPECT_EQ(out, 4);
	mempool_destroy(pool);
}

TEST(what_is_kept_is_given_when_the_allocator_refuses_and_comes_back_first)
{
	mempool_t *pool = pool_of(3);
	void *elements[3];

	refuses = true;
	errno = 99;
	for (int i = 0; i < 3; i++)
		EXPECT_NE(elements[i] = mempool_alloc(pool, GFP_ATOMIC), NULL);
	EXPECT_EQ(errno, 99);
	EXPECT_REFUSED(mempool_alloc(pool, GFP_ATOMIC), ENOMEM);
	EXPECT_REFUSED(mempool_alloc(pool, GFP_NOWAIT), ENOMEM);
	EXPECT(!mempool_is_saturated(pool));
	refuses = false;
	for (int i = 0; i < 3; i++)
		mempool_free(elements[i], pool);
	EXPECT_EQ(pool->curr_nr, 3);
	EXPECT_EQ(out, 3);
	mempool_destroy(pool);
	EXPECT_EQ(out, 0);
}

static mempool_t *shared_pool;
static void *_Atomic got_element;

static void *wait_for_one(void *unused)
{
	got_element = mempool_alloc(shared_pool, GFP_KERNEL);
	return unused;
}

TEST(who_may_wait_gets_the_next_element_that_comes_back)
{
	pthread_t thread;
	void *only;

	shared_pool = pool_of(1);
	refuses = true;
	only = mempool_alloc(shared_pool, GFP_KERNEL);
	pthread_create(&thread, NULL, wait_for_one, NULL);
	usleep(20000);
	EXPECT_NULL(got_element);
	mempool_free(only, shared_pool);
	pthread_join(thread, NULL);
	EXPECT_EQ(got_element, only);
}

TEST(who_waits_also_gets_what_the_allocator_has_again)
{
	pthread_t thread;

	shared_pool = pool_of(1);
	refuses = true;
	EXPECT_NE(mempool_alloc(shared_pool, GFP_KERNEL), NULL);
	pthread_create(&thread, NULL, wait_for_one, NULL);
	usleep(20000);
	refuses = false;
	pthread_join(thread, NULL);
	EXPECT_NE(got_element, NULL);
}

static mempool_t *taken_from;
static _Atomic bool lock_is_held;

static void hold_the_lock_or_take(unsigned number)
{
	if (number == 0) {
		lock_take(&leaf_lock);
		lock_is_held = true;
		usleep(20000);
		lock_drop(&leaf_lock);
		return;
	}
	while (!lock_is_held)
		;
	EXPECT_NE(mempool_alloc(taken_from, GFP_NOWAIT), NULL);
}

/* Of another thread: it is free again in a moment. */
TEST(who_may_not_block_gets_what_is_kept_though_the_lock_is_taken)
{
	taken_from = pool_of(1);
	refuses = true;
	in_threads(2, hold_the_lock_or_take);
}

TEST(preallocated_elements_can_be_had_without_the_allocator)
{
	mempool_t *pool = pool_of(2);
	void *one = mempool_alloc_preallocated(pool), *two = mempool_alloc_preallocated(pool);

	EXPECT_NE(one, NULL);
	EXPECT_NE(two, NULL);
	EXPECT_EQ(out, 2);
	EXPECT_REFUSED(mempool_alloc_preallocated(pool), ENOMEM);
	mempool_free(one, pool);
	mempool_free(two, pool);
	mempool_destroy(pool);
}

TEST(a_pool_can_be_resized_while_elements_are_out)
{
	mempool_t *pool = pool_of(8);
	void *element = mempool_alloc_preallocated(pool);

	EXPECT_EQ(mempool_resize(pool, 20), 0);
	EXPECT_EQ(pool->curr_nr, 20);
	EXPECT_EQ(mempool_resize(pool, 3), 0);
	EXPECT_EQ(pool->curr_nr, 3);
	EXPECT_EQ(out, 4);
	EXPECT_EQ(mempool_resize(pool, 0), -EINVAL);
	EXPECT_EQ(mempool_resize(pool, -5), -EINVAL);
	EXPECT_EQ(pool->min_nr, 3);
	mempool_free(element, pool);
	EXPECT_EQ(out, 3);
	refuses = true;
	EXPECT_EQ(mempool_resize(pool, 10), 0);         /* filled by the next frees */
	EXPECT_EQ(pool->min_nr, 10);
	EXPECT_EQ(pool->curr_nr, 3);
	mempool_destroy(pool);
	EXPECT_EQ(out, 0);
}

TEST(an_embedded_pool_is_used_like_any)
{
	mempool_t pool = { 0 };

	EXPECT(!mempool_initialized(&pool));
	mempool_exit(&pool);
	EXPECT_EQ(mempool_init(&pool, 2, take, give, (void *)50), 0);
	mempool_free(mempool_alloc(&pool, GFP_KERNEL), &pool);
	mempool_exit(&pool);
	mempool_exit(&pool);
	EXPECT_EQ(out, 0);
	EXPECT_EQ(mempool_init_node(&pool, 2, take, give, (void *)50, GFP_KERNEL, 0), 0);
	mempool_exit(&pool);
	mempool_destroy(mempool_create_node(2, take, give, (void *)50, GFP_KERNEL, 0));
	mempool_destroy(NULL);
	mempool_free(NULL, &pool);
}

TEST(bad_pools_are_refused_and_take_nothing)
{
	mempool_t pool;

	EXPECT_EQ(mempool_init(&pool, -1, take, give, NULL), -EINVAL);
	EXPECT_EQ(mempool_init(&pool, 1, NULL, give, NULL), -EINVAL);
	EXPECT_EQ(mempool_init(&pool, 1, take, NULL, NULL), -EINVAL);
	EXPECT_REFUSED(mempool_create(-5, take, give, NULL), EINVAL);
	refuses = true;
	EXPECT_REFUSED(mempool_create(3, take, give, NULL), ENOMEM);
	EXPECT_EQ(mempool_init(&pool, 3, take, give, NULL), -ENOMEM);
	EXPECT_EQ(out, 0);
	refuses = false;
	EXPECT_REFUSED(mempool_alloc(pool_of(1), GFP_KERNEL | __GFP_ZERO), EINVAL);
}

TEST(pools_of_caches_sizes_and_pages)
{
	struct kmem_cache *cache = cache_of("story", 100);
	mempool_t *pools[] = {
		mempool_create_slab_pool(4, cache), mempool_create_kmalloc_pool(4, 1000),
		mempool_create_kvmalloc_pool(4, 5 << 20), mempool_create_page_pool(4, 2),
	};
	mempool_t embedded[4] = { 0 };
	struct page *page;

	EXPECT_EQ(mempool_init_slab_pool(&embedded[0], 4, cache), 0);
	EXPECT_EQ(mempool_init_kmalloc_pool(&embedded[1], 4, 1000), 0);
	EXPECT_EQ(mempool_init_kvmalloc_pool(&embedded[2], 4, 5 << 20), 0);
	EXPECT_EQ(mempool_init_page_pool(&embedded[3], 4, 2), 0);
	EXPECT_EQ(slab_of_object(pools[0]->elements[0])->layout, &cache->layout);
	EXPECT_EQ(ksize(pools[1]->elements[0]), 1024);
	page = pools[3]->elements[0];
	EXPECT_EQ(page->order, 2);
	for (int i = 0; i < 4; i++) {
		mempool_free(mempool_alloc(pools[i], GFP_KERNEL), pools[i]);
		mempool_free(mempool_alloc(&embedded[i], GFP_KERNEL), &embedded[i]);
		mempool_destroy(pools[i]);
		mempool_exit(&embedded[i]);
	}
	EXPECT_EQ(kmem_cache_shrink(cache), 0);
	check_everything();
}

/* The functions of the usual kinds can stand in a pool of one's own, too. */
TEST(the_usual_functions_are_public)
{
	struct kmem_cache *cache = cache_of("story", 100);

	mempool_free_slab(mempool_alloc_slab(GFP_KERNEL, cache), cache);
	mempool_kfree(mempool_kmalloc(GFP_KERNEL, (void *)100), (void *)100);
	mempool_kvfree(mempool_kvmalloc(GFP_KERNEL, (void *)100), (void *)100);
	mempool_free_pages(mempool_alloc_pages(GFP_KERNEL, (void *)1), (void *)1);
	EXPECT_EQ(kmem_cache_shrink(cache), 0);
}

/* Four threads over a pool of two, and an allocator that refuses most of the time. */
static void use_the_pool(unsigned number)
{
	for (int i = 0; i < 3000; i++) {
		int *element = mempool_alloc(shared_pool, GFP_KERNEL);

		*element = (int)number;
		refuses = i % 16 != 0;
		EXPECT_EQ(*element, number);
		mempool_free(element, shared_pool);
	}
}

TEST(nobody_waits_for_ever_and_nothing_is_lost_among_threads)
{
	shared_pool = pool_of(2);
	in_threads(4, use_the_pool);
	refuses = false;
	EXPECT_EQ(shared_pool->curr_nr, 2);
	EXPECT_EQ(out, 2);
	mempool_destroy(shared_pool);
	EXPECT_EQ(out, 0);
}

TEST(a_pool_of_no_minimum_keeps_one)
{
	mempool_t *pool = pool_of(0);
	void *element;

	refuses = true;
	element = mempool_alloc(pool, GFP_KERNEL);
	EXPECT_NE(element, NULL);
	EXPECT_NULL(mempool_alloc(pool, GFP_NOWAIT));
	mempool_free(element, pool);
	EXPECT_EQ(mempool_alloc(pool, GFP_NOWAIT), element);
	mempool_free(element, pool);
	mempool_destroy(pool);
	EXPECT_EQ(out, 0);
}

/* ---- Many at once --------------------------------------------------------------------- */

TEST(many_come_from_the_allocator_or_all_that_lack_from_the_pool)
{
	mempool_t *pool = pool_of(4);
	void *elements[5], *others[4];

	EXPECT_EQ(mempool_alloc_bulk(pool, elements, 5), -EINVAL);
	EXPECT_EQ(mempool_alloc_bulk(pool, elements, 0), 0);
	EXPECT_EQ(mempool_alloc_bulk(pool, elements, 4), 0);
	EXPECT_EQ(pool->curr_nr, 4);
	EXPECT_EQ(out, 8);
	refuses = true;
	EXPECT_EQ(mempool_alloc_bulk(pool, others, 3), 0);
	EXPECT_EQ(pool->curr_nr, 1);
	EXPECT_EQ(mempool_free_bulk(pool, elements, 4), 3);
	EXPECT_EQ(pool->curr_nr, 4);
	EXPECT_EQ(mempool_free_bulk(pool, others, 3), 0);
	give(elements[3], (void *)100);
	for (int i = 0; i < 3; i++)
		mempool_free(others[i], pool);
	mempool_destroy(pool);
	EXPECT_EQ(out, 0);
}

static void *take_three_often(void *argument)
{
	mempool_t *pool = argument;
	void *elements[3];

	for (int round = 0; round < 2000; round++) {
		EXPECT_EQ(mempool_alloc_bulk(pool, elements, 3), 0);
		EXPECT_EQ(mempool_free_bulk(pool, elements, 3), 3);
	}
	return NULL;
}

/* Each could hold a part of what the other wants: then both would wait for ever. */
TEST(two_who_want_many_do_not_wait_for_each_other)
{
	mempool_t *pool = pool_of(4);
	pthread_t thread;

	refuses = true;
	pthread_create(&thread, NULL, take_three_often, pool);
	take_three_often(pool);
	pthread_join(thread, NULL);
	EXPECT_EQ(pool->curr_nr, 4);
	mempool_destroy(pool);
	EXPECT_EQ(out, 0);
}

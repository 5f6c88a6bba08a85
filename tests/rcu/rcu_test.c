/*
 * What waits for readers, and for how long.
 */
#include <pthread.h>
#include <stdatomic.h>
#include <stdio.h>
#include <sys/wait.h>
#include <ukmem/rcu.h>
#include <ukmem/stats.h>
#include <unistd.h>
#include <urcu.h>

#include "harness/fake_os.h"
#include "harness/look.h"
#include "harness/test.h"

static _Atomic bool reading, may_leave, left;
static pthread_t reader;

static void *read_for_a_while(void *unused)
{
	rcu_register_thread();
	rcu_read_lock();
	reading = true;
	while (!may_leave)
		usleep(1000);
	left = true;
	rcu_read_unlock();
	rcu_unregister_thread();
	return unused;
}

/* Until let_go a reader may look at anything. */
static void hold(void)
{
	pthread_create(&reader, NULL, read_for_a_while, NULL);
	while (!reading)
		usleep(1000);
}

static void let_go(void)
{
	may_leave = true;
	pthread_join(reader, NULL);
}

static uint64_t released(void)
{
	struct ukmem_stats stats;

	ukmem_stats_read(&stats);
	return stats.slabs_released;
}

static struct kmem_cache *typesafe_cache(void)
{
	return kmem_cache_create("story", 1000, 0, SLAB_TYPESAFE_BY_RCU, NULL);
}

TEST(a_slab_of_a_typesafe_cache_goes_when_its_readers_are_gone)
{
	struct kmem_cache *cache = typesafe_cache();
	void *object = kmem_cache_alloc(cache, GFP_KERNEL);
	struct page *slab = slab_of_object(object);
	uint64_t before = released();

	hold();
	memset(object, 0x77, 1000);
	kmem_cache_free(cache, object);
	EXPECT_EQ(kmem_cache_shrink(cache), 0);
	usleep(50000);
	EXPECT_EQ(released(), before);
	EXPECT_EQ(slab->layout, &cache->layout);
	EXPECT_EQ(((unsigned char *)object)[999], 0x77);
	let_go();
	kvfree_rcu_barrier();
	EXPECT_EQ(released(), before + 1);
	kmem_cache_destroy(cache);
	check_everything();
}

TEST(other_caches_wait_for_nobody)
{
	struct kmem_cache *cache = cache_of("story", 1000);
	uint64_t before;

	kmem_cache_free(cache, kmem_cache_alloc(cache, GFP_KERNEL));
	before = released();
	hold();
	kmem_cache_shrink(cache);
	EXPECT(released() > before);
	kmem_cache_destroy(cache);
	let_go();
}

static void *let_go_soon(void *unused)
{
	usleep(50000);
	may_leave = true;
	return unused;
}

TEST(destroy_waits_for_the_readers_of_its_slabs)
{
	struct kmem_cache *cache = typesafe_cache();
	pthread_t thread;

	kmem_cache_free(cache, kmem_cache_alloc(cache, GFP_KERNEL));
	hold();
	pthread_create(&thread, NULL, let_go_soon, NULL);
	kmem_cache_destroy(cache);
	EXPECT(left);
	pthread_join(thread, NULL);
	pthread_join(reader, NULL);
	EXPECT_NULL(slabinfo_line("story"));
	check_everything();
}

TEST(destroy_waits_for_objects_that_wait_to_be_freed)
{
	struct kmem_cache *cache = cache_of("story", 100);

	for (int i = 0; i < 1000; i++)
		kmem_cache_free_rcu(cache, kmem_cache_alloc(cache, GFP_KERNEL));
	log_begin();
	kmem_cache_destroy(cache);
	EXPECT_STR(log_end(), "");
	EXPECT_NULL(slabinfo_line("story"));
}

struct thing {
	int value;
	struct rcu_head rcu;
};

TEST(what_is_freed_by_rcu_is_whole_until_its_readers_are_gone)
{
	struct kmem_cache *cache = cache_of("story", 100);
	char *object = kmem_cache_alloc(cache, GFP_KERNEL), *large = kvmalloc(5 << 20, GFP_KERNEL);
	struct thing *thing = kmalloc(sizeof(*thing), GFP_KERNEL);

	hold();
	object[99] = 5;
	large[5000000] = 6;
	thing->value = 7;
	kmem_cache_free_rcu(cache, object);
	kvfree_rcu_mightsleep(large);
	kfree_rcu(thing, rcu);
	kfree_rcu_mightsleep(kmalloc(10, GFP_KERNEL));
	usleep(50000);
	EXPECT_EQ(object[99], 5);
	EXPECT_EQ(large[5000000], 6);
	EXPECT_EQ(thing->value, 7);
	EXPECT_EQ(kmem_cache_shrink(cache), 1);
	let_go();
	kvfree_rcu_barrier();
	EXPECT_EQ(kmem_cache_shrink(cache), 0);
	kmem_cache_free_rcu(cache, NULL);
	kvfree_call_rcu(NULL, NULL);
}

static size_t active(struct kmem_cache *cache)
{
	kmem_cache_shrink(cache);
	return cache_active_objects(cache);
}

/* The first that finds no block is noted in itself; one without a head waits for memory. */
TEST(without_memory_to_note_it_an_object_is_freed_all_the_same)
{
	struct kmem_cache *cache = cache_of("story", 100), *kmalloc_cache;
	struct thing *things[600];
	void *objects[600];
	size_t before;

	kmalloc_cache = cache_of_layout(slab_of_object(kmalloc(sizeof(struct thing),
							       GFP_KERNEL))->layout);
	kvfree_call_rcu(NULL, kmalloc(4000, GFP_KERNEL));
	kvfree_rcu_barrier();                   /* the collector's thread is there */
	before = active(kmalloc_cache);
	take_objects(cache, objects, 600);
	for (int i = 0; i < 600; i++)
		things[i] = kmalloc(sizeof(struct thing), GFP_KERNEL);
	while (kmalloc(4096, GFP_NOWAIT) != NULL)
		;
	for (int i = 0; i < 600; i++)
		kfree_rcu(things[i], rcu);
	EXPECT(active(kmalloc_cache) > before);
	kvfree_rcu_barrier();
	EXPECT_EQ(active(kmalloc_cache), before);
	while (kmalloc(4096, GFP_NOWAIT) != NULL)
		;
	for (int i = 0; i < 600; i++)
		kmem_cache_free_rcu(cache, objects[i]);
	kvfree_rcu_barrier();
	EXPECT_EQ(active(cache), 0);
	check_everything();
}

static _Atomic int rounds;

static void count_rounds(void)
{
	rounds++;
	synchronize_rcu();
}

TEST(many_objects_wait_for_one_grace_period)
{
	struct kmem_cache *cache = cache_of("story", 100);

	kmem_rcu_set_synchronize(count_rounds);
	for (int i = 0; i < 100000; i++)
		kmem_cache_free_rcu(cache, kmem_cache_alloc(cache, GFP_KERNEL));
	kvfree_rcu_barrier();
	EXPECT_EQ(kmem_cache_shrink(cache), 0);
	printf("    100000 frees, %d grace periods\n", rounds);
	EXPECT(rounds >= 1 && rounds < 5000);
}

TEST(a_fork_child_goes_on)
{
	struct kmem_cache *cache = cache_of("story", 100);
	int status;
	pid_t child;

	kmem_cache_free_rcu(cache, kmem_cache_alloc(cache, GFP_KERNEL));
	child = fork();
	if (child == 0) {
		alarm(5);
		kmem_cache_free_rcu(cache, kmem_cache_alloc(cache, GFP_KERNEL));
		kvfree_rcu_barrier();
		_exit(kmem_cache_shrink(cache));
	}
	waitpid(child, &status, 0);
	EXPECT_EQ(status, 0);
	kvfree_rcu_barrier();
	EXPECT_EQ(kmem_cache_shrink(cache), 0);
}

/* Names that only libukmem-rcu calls: nothing waits here. */
TEST(the_core_gives_what_waits_once)
{
	ukmem_rcu_release(ukmem_rcu_take());
	EXPECT_NULL(ukmem_rcu_take());
	EXPECT_NE((void *)ukmem_rcu_attach, NULL);
}

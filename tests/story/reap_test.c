/*
 * What is not needed goes one station down, a little at a time.
 */
#include <pthread.h>
#include <stdio.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>

#include <ukmem/stats.h>

#include "harness/look.h"
#include "harness/test.h"
#include "os/clock.h"

/* CPU 0's array holds 100 objects and was just used. */
static struct kmem_cache *cache_with_a_touched_array(void)
{
	void *objects[100];
	struct kmem_cache *cache;

	run_on_cpu(0);
	cache = cache_of("story", 64);
	take_objects(cache, objects, 100);
	kmem_cache_shrink(cache);
	give_objects(cache, objects, 100);
	kmem_cache_free(cache, kmem_cache_alloc(cache, GFP_KERNEL));
	EXPECT_EQ(array_of(cache, 0)->avail, 100);
	return cache;
}

TEST_ON(FOUR_CPUS, a_touched_array_is_spared_for_one_round)
{
	struct kmem_cache *cache = cache_with_a_touched_array();

	cache_reap_cpu(cache, 0, 0, 0);
	EXPECT_EQ(array_of(cache, 0)->avail, 100);
	cache_reap_cpu(cache, 0, 0, 0);
	EXPECT_EQ(array_of(cache, 0)->avail, 100 - 24);
	cache_reap_cpu(cache, 0, 0, 0);
	EXPECT_EQ(array_of(cache, 0)->avail, 100 - 48);
	check_everything();
}

TEST_ON(FOUR_CPUS, a_pop_touches_the_array_and_a_push_does_not)
{
	struct kmem_cache *cache = cache_with_a_touched_array();
	void *object = kmem_cache_alloc(cache, GFP_KERNEL);

	cache_reap_cpu(cache, 0, 0, 0);
	kmem_cache_free(cache, object);
	cache_reap_cpu(cache, 0, 0, 0);
	EXPECT_EQ(array_of(cache, 0)->avail, 100 - 24);
	kmem_cache_free(cache, kmem_cache_alloc(cache, GFP_KERNEL));
	cache_reap_cpu(cache, 0, 0, 0);
	EXPECT_EQ(array_of(cache, 0)->avail, 100 - 24);
}

TEST_ON(FOUR_CPUS, the_oldest_objects_leave_first)
{
	struct kmem_cache *cache = cache_with_a_touched_array();
	void *youngest = array_of(cache, 0)->entry[99];

	for (int i = 0; i < 20; i++)
		cache_reap_cpu(cache, 0, 0, 0);
	EXPECT(array_of(cache, 0)->avail < 2);
	cache = cache_with_a_touched_array();
	youngest = array_of(cache, 0)->entry[99];
	cache_reap_cpu(cache, 0, 0, 0);
	cache_reap_cpu(cache, 0, 0, 0);
	EXPECT_EQ(array_of(cache, 0)->entry[75], youngest);
}

TEST_ON(FOUR_CPUS, a_reap_looks_at_the_named_cpu_only)
{
	struct kmem_cache *cache = cache_with_a_touched_array();

	for (int i = 0; i < 3; i++)
		cache_reap_cpu(cache, 1, 0, 0);
	EXPECT_EQ(array_of(cache, 0)->avail, 100);
}

TEST_ON(FOUR_CPUS, the_shared_array_shrinks_at_half_the_pace)
{
	enum { COUNT = 64 * 8 };
	void *objects[COUNT];
	struct kmem_cache *cache;
	struct array_cache *shared;
	uint64_t now = 1;

	run_on_cpu(0);
	cache = cache_of("story", 64);
	shared = node_of(cache, 0)->shared;
	take_objects(cache, objects, COUNT);
	give_objects(cache, objects, 300);
	EXPECT_EQ(shared->avail, 180);
	shared->idle = 0;
	cache_reap_cpu(cache, 0, 0, now);                       /* marks it idle */
	EXPECT_EQ(shared->idle, 1);
	EXPECT_EQ(shared->avail, 180);
	cache_reap_cpu(cache, 0, 0, now + 1);                   /* not due yet */
	EXPECT_EQ(shared->avail, 180);
	now += 2 * 1000000;                                     /* twice reap_ms */
	cache_reap_cpu(cache, 0, 0, now);
	EXPECT_EQ(shared->avail, 180 - 96);
}

TEST_ON(FOUR_CPUS, free_slabs_leave_unless_they_were_needed)
{
	struct kmem_cache *cache;
	struct kmem_cache_node *n;
	void *objects[64 * 6];
	size_t before;

	run_on_cpu(0);
	cache = cache_of("story", 64);
	n = node_of(cache, 0);
	EXPECT_EQ(kmem_cache_tune(cache, 120, 60, 0), 0);
	take_objects(cache, objects, 64 * 6);
	give_objects(cache, objects, 64 * 6);
	cpu_drain_all(&cache->cpu);
	EXPECT(n->free_slabs >= 4);
	n->free_touched = true;
	EXPECT_EQ(reap_slabs(n), 2);                            /* a fifth of 364 objects */
	cache_reap_cpu(cache, 0, 0, 1);
	EXPECT(n->free_slabs >= 4);
	before = n->free_slabs;
	cache_reap_cpu(cache, 0, 0, 1 + 2 * 1000000);           /* twice reap_ms later */
	EXPECT_EQ(n->free_slabs, before - 2);
	check_everything();
}

TEST_ON(FOUR_CPUS_TWO_NODES, stragglers_in_an_alien_cache_are_sent_home)
{
	struct kmem_cache *cache;
	void *objects[5];

	run_on_cpu(0);
	cache = cache_of("story", 64);
	take_objects(cache, objects, 5);
	run_on_cpu(2);
	give_objects(cache, objects, 5);
	EXPECT_EQ(alien_count(cache, 1, 0), 5);
	cache_reap_cpu(cache, 2, 1, 0);                         /* another node's turn */
	EXPECT_EQ(alien_count(cache, 1, 0), 5);
	cache_reap_cpu(cache, 2, 0, 0);
	EXPECT_EQ(alien_count(cache, 1, 0), 0);
}

static bool wait_until(bool (*condition)(void))
{
	for (int i = 0; i < 500; i++) {
		if (condition())
			return true;
		usleep(20000);
	}
	return false;
}

static uint64_t resident_bytes(void)
{
	struct ukmem_stats stats;

	ukmem_stats_read(&stats);
	return stats.pages_resident_bytes;
}

static bool memory_is_back(void)
{
	return resident_bytes() < 4 << 20;
}

static void use_and_free_32_mib(void)
{
	static void *objects[32 << 10];

	for (int i = 0; i < 32 << 10; i++) {
		objects[i] = kmalloc(1024, GFP_KERNEL);
		memset(objects[i], 1, 1024);
	}
	EXPECT(resident_bytes() >= 32 << 20);
	for (int i = 0; i < 32 << 10; i++)
		kfree(objects[i]);
}

TEST_ON("reap_ms:20 decay_ms:20", the_helper_gives_idle_memory_back)
{
	use_and_free_32_mib();
	EXPECT(wait_until(memory_is_back));
	EXPECT(reaper_rounds() >= 1);
}

TEST_ON(NO_REAPER, without_the_helper_nothing_moves_while_nobody_calls)
{
	uint64_t rounds = reaper_rounds();

	use_and_free_32_mib();
	usleep(100000);
	EXPECT_EQ(reaper_rounds(), rounds);
}

TEST_ON("reaper:off reap_ms:20 decay_ms:20 adapt_mib:0", without_the_helper_misses_do_its_work)
{
	void *objects[200];

	use_and_free_32_mib();
	for (int round = 0; round < 100; round++) {
		for (int i = 0; i < 200; i++)
			objects[i] = kmalloc(3000, GFP_KERNEL);
		for (int i = 0; i < 200; i++)
			kfree(objects[i]);
		usleep(5000);
	}
	EXPECT(reaper_rounds() >= 5);
	EXPECT(resident_bytes() < 16 << 20);
}

static unsigned thread_count(void)
{
	char line[256];
	unsigned threads = 0;
	FILE *file = fopen("/proc/self/status", "r");

	while (fgets(line, sizeof(line), file) != NULL)
		sscanf(line, "Threads: %u", &threads);
	fclose(file);
	return threads;
}

static bool alone(void)
{
	return thread_count() == 1;
}

TEST_ON("reap_ms:10 decay_ms:10", the_helper_ends_when_there_is_nothing_to_do_and_comes_again)
{
	EXPECT(alone());
	kfree(kmalloc(100, GFP_KERNEL));
	EXPECT_EQ(thread_count(), 2);
	EXPECT(wait_until(alone));
	use_and_free_32_mib();
	EXPECT_EQ(thread_count(), 2);
	EXPECT(wait_until(alone));
}

TEST_ON("reaper:off", no_helper_means_no_thread)
{
	use_and_free_32_mib();
	EXPECT(alone());
}

TEST_ON("reap_ms:10", the_helper_does_not_keep_a_process_alive)
{
	int status = -1;
	pid_t child = fork();

	if (child == 0) {
		alarm(20);
		kmalloc(100, GFP_KERNEL);
		pthread_exit(NULL);
	}
	EXPECT_EQ(waitpid(child, &status, 0), child);
	EXPECT_EQ(status, 0);
}

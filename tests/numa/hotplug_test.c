/*
 * CPUs go off and on line, as the kernel does it, and the library notices by itself.
 */
#include <pthread.h>

#include "numa/machine.h"

/* The helper looks every few milliseconds; it is started by misses. */
#define WATCHFUL "reap_ms:10 "

static bool node_is_bare(struct kmem_cache *cache, unsigned node)
{
	struct kmem_cache_node *n = node_of(cache, node);

	return n->shared == NULL && n->alien[!node].array == NULL;
}

/* A miss now and then keeps the helper awake. */
static bool after_some_misses(struct kmem_cache *cache, bool done)
{
	void *objects[300];

	if (done)
		return true;
	take_objects(cache, objects, 300);
	give_objects(cache, objects, 300);
	return false;
}

static struct kmem_cache *cache_used_on_all_cpus(void)
{
	struct kmem_cache *cache;
	void *objects[100];

	need_two_nodes();
	cache = cache_of("numa", 64);
	for (unsigned cpu = 0; cpu < CPUS; cpu++) {
		go_to_cpu(cpu);
		take_objects(cache, objects, 100);
		give_objects(cache, objects, 100);
	}
	go_to_cpu(0);
	return cache;
}

/* The helper looks once a second: what is gone then, no reaper took piece by piece. */
TEST_ON("reap_ms:1000 profile:slab ", a_cpu_that_goes_leaves_an_empty_array_and_one_that_comes_is_counted)
{
	struct kmem_cache *cache = cache_used_on_all_cpus();

	go_to_cpu(1);
	after_some_misses(cache, false);
	EXPECT(array_of(cache, 1)->avail >= 60);
	go_to_cpu(0);
	EXPECT(switch_cpu(1, false));
	EVENTUALLY(after_some_misses(cache, topology.cpus_online == CPUS - 1));
	lock_take(&registry_lock);              /* while it is held, caches hear of it */
	EXPECT_EQ(array_of(cache, 1)->avail, 0);
	lock_drop(&registry_lock);
	EXPECT_EQ(topology.cpus_online_of[0], 1);
	EXPECT(switch_cpu(1, true));
	EVENTUALLY(after_some_misses(cache, topology.cpus_online == CPUS));
	EXPECT_EQ(topology.cpus_online_of[0], 2);
	check_everything();
}

TEST_ON(WATCHFUL, a_node_without_cpus_still_serves_and_gets_its_arrays_back)
{
	struct kmem_cache *cache = cache_used_on_all_cpus();
	void *objects[50];

	EXPECT(!node_is_bare(cache, 1));
	EXPECT(switch_cpu(2, false) && switch_cpu(3, false));
	EVENTUALLY(after_some_misses(cache, node_is_bare(cache, 1)));
	for (unsigned i = 0; i < 50; i++) {
		objects[i] = kmem_cache_alloc_node(cache, GFP_KERNEL | __GFP_THISNODE, 1);
		EXPECT_EQ(lies_on(objects[i]), 1);
	}
	give_objects(cache, objects, 50);

	EXPECT(switch_cpu(2, true) && switch_cpu(3, true));
	EVENTUALLY(after_some_misses(cache, !node_is_bare(cache, 1)));
	go_to_cpu(3);
	EXPECT_EQ(lies_on(kmem_cache_alloc(cache, GFP_KERNEL)), 1);
	check_everything();
}

TEST_ON(WATCHFUL, cpus_that_were_off_at_the_start_belong_to_their_node)
{
	struct kmem_cache *cache;

	need_two_nodes();
	EXPECT(switch_cpu(2, false) && switch_cpu(3, false));
	cache = cache_of("numa", 64);
	EXPECT_EQ(topology.cpus_online, 2);
	EXPECT(switch_cpu(2, true) && switch_cpu(3, true));
	for (unsigned cpu = 2; cpu < CPUS; cpu++) {
		go_to_cpu(cpu);
		EXPECT_EQ(lies_on(kmem_cache_alloc(cache, GFP_KERNEL)), 1);
		EVENTUALLY(after_some_misses(cache, topology.online[cpu]));
	}
	EXPECT_EQ(topology.cpus_online_of[1], 2);
	check_everything();
}

/* ---- Under load --------------------------------------------------------------------------- */

enum { WORKERS = 5, HELD = 300, SWITCHES = 24, STEPS_BETWEEN = 4000, CTOR_WORD = 0x5ca1ab1e };

struct stamped {
	_Atomic unsigned owner;
	unsigned constructed;
	uint64_t pattern;
};

static struct kmem_cache *stamped_cache;
static struct stamped *_Atomic swaps[64];
static _Atomic bool over;
static _Atomic unsigned long steps;

static void construct(void *object)
{
	*(struct stamped *)object = (struct stamped){ .constructed = CTOR_WORD };
}

static struct stamped *take_stamped(unsigned owner)
{
	struct stamped *object = kmem_cache_alloc(stamped_cache, GFP_KERNEL);

	EXPECT_NE(object, NULL);
	EXPECT_EQ(atomic_exchange(&object->owner, owner), 0);
	EXPECT_EQ(object->constructed, CTOR_WORD);
	object->pattern = (uintptr_t)object ^ owner;
	return object;
}

static void give_stamped(struct stamped *object)
{
	unsigned owner = atomic_exchange(&object->owner, 0);

	EXPECT_NE(owner, 0);
	EXPECT_EQ(object->pattern, (uintptr_t)object ^ owner);
	kmem_cache_free(stamped_cache, object);
}

/* Takes and gives at random; a part of the objects is freed by another worker. */
static void work(unsigned number)
{
	static __thread struct stamped *held[HELD];
	uint64_t random = number + 1;

	while (!over) {
		unsigned draw = (unsigned)((random = random * 6364136223846793005u + 1) >> 40);
		struct stamped **place = &held[draw % HELD];

		if (*place == NULL)
			*place = take_stamped(number + 1);
		else if (draw % 5 == 0)
			*place = atomic_exchange(&swaps[draw / HELD % 64], *place);
		else
			give_stamped(*place), *place = NULL;
		steps++;
	}
	for (unsigned i = 0; i < HELD; i++)
		if (held[i] != NULL)
			give_stamped(held[i]);
}

/* Through all patterns of CPUs 1 to 3 being on or off; never before others have moved on. */
static void switch_cpus(void)
{
	static const unsigned order[] = { 1, 2, 1, 3, 1, 2, 1, 3 };
	bool on[CPUS] = { true, true, true, true };

	for (unsigned i = 0; i < SWITCHES; i++) {
		unsigned cpu = order[i % 8];
		unsigned long seen = steps;

		on[cpu] = !on[cpu];
		EXPECT(switch_cpu(cpu, on[cpu]));
		EVENTUALLY(steps - seen > STEPS_BETWEEN);
	}
	for (unsigned cpu = 1; cpu < CPUS; cpu++)
		switch_cpu(cpu, true);
}

static void work_or_switch(unsigned number)
{
	if (number < WORKERS) {
		work(number);
		return;
	}
	switch_cpus();
	over = true;
}

TEST_ON(WATCHFUL, cpus_go_and_come_under_load_and_nothing_is_lost)
{
	struct kmem_cache *cache;

	need_two_nodes();
	cache = stamped_cache = kmem_cache_create("numa-stamped", 96, 0, 0, construct);
	in_threads(WORKERS + 1, work_or_switch);
	for (unsigned i = 0; i < 64; i++)
		if (swaps[i] != NULL)
			give_stamped(swaps[i]);
	go_anywhere();
	EVENTUALLY(after_some_misses(cache, topology.cpus_online == CPUS));
	EXPECT_EQ(kmem_cache_shrink(cache), 0);
	EXPECT_EQ(slabs_of(cache), 0);
	check_everything();
	kmem_cache_destroy(cache);
}

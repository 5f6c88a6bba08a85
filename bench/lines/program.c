/*
 * program.c: make every kind of call happen, on two CPUs in turn.
 *
 * One thread goes from CPU to CPU, slots being numbered by CPU: what it does on the first
 * and what it does on the second is what two threads would do, one after the other. It
 * looks into the library to know whether the next call will miss, and what the miss was.
 */
#include <sched.h>
#include <stdio.h>

#include <ukmem/slab.h>

#include "cache/cache.h"
#include "lines.h"

enum { OBJECTS = 3000, SAMPLES = 3 };

static struct counted *counted;
static struct kmem_cache *cache;
static unsigned here, samples[KINDS][CPUS];
static void *objects[OBJECTS];

static void go_to(unsigned cpu)
{
	cpu_set_t one;

	CPU_ZERO(&one);
	CPU_SET(cpu, &one);
	sched_setaffinity(0, sizeof(one), &one);
	here = cpu;
}

static struct array_cache *array_here(void)
{
	return cache->cpu.slot[here];
}

static struct kmem_cache_node *node_here(void)
{
	return cache->cpu.nodes[topology.nodes == 1 ? 0 : node_of_cpu(here)];
}

static unsigned shared_avail(void)
{
	return node_here()->shared != NULL ? node_here()->shared->avail : 0;
}

/* The first that has something for a node's shared array makes it: that is no call of any kind. */
static bool counts(unsigned home)
{
	return array_here()->limit != 0 && cache->cpu.nodes[home]->shared != NULL;
}

static bool wanted(enum kind kind)
{
	return samples[kind][here] < SAMPLES && counted->calls < CALLS_MAX;
}

/* The call that was counted last was of this kind; one of which there are enough is dropped. */
static void note(enum kind kind, unsigned count)
{
	struct array_cache *array = array_here(), *shared = node_here()->shared;

	if (!wanted(kind))
		return;
	samples[kind][here]++;
	counted->call[counted->calls++] = (struct call){
		.kind = kind, .cpu = here, .objects = count,
		.own_start = (uintptr_t)array,
		.own_end = (uintptr_t)&array->entry[array->limit],
		.common_start = (uintptr_t)shared,
		.common_end = shared != NULL ? (uintptr_t)&shared->entry[shared->limit] : 0 };
}

static __attribute__((noinline)) void *counted_alloc(void)
{
	void *object;

	__asm__ volatile("int3");
	object = kmem_cache_alloc(cache, GFP_KERNEL);
	__asm__ volatile("int3");
	return object;
}

static __attribute__((noinline)) void counted_free(void *object)
{
	__asm__ volatile("int3");
	kmem_cache_free(cache, object);
	__asm__ volatile("int3");
}

static void *alloc_one(void)
{
	bool miss = array_here()->avail == 0;
	unsigned shared = shared_avail();
	size_t slabs = node_here()->total_slabs;
	void *object;

	if (array_here()->limit == 0 || !miss || !(wanted(REFILL_SHARED) ||
						    wanted(REFILL_SLABS) || wanted(REFILL_GROWS)))
		return kmem_cache_alloc(cache, GFP_KERNEL);
	object = counted_alloc();
	note(node_here()->total_slabs != slabs ? REFILL_GROWS :
	     shared_avail() != shared ? REFILL_SHARED : REFILL_SLABS, array_here()->avail + 1);
	return object;
}

static void free_home(void *object)
{
	unsigned before = array_here()->avail, shared = shared_avail();
	bool miss = before == array_here()->limit;

	if (!counts(node_here()->node) || !miss || !(wanted(FLUSH_SHARED) || wanted(FLUSH_SLABS))) {
		kmem_cache_free(cache, object);
		return;
	}
	counted_free(object);
	note(shared_avail() != shared ? FLUSH_SHARED : FLUSH_SLABS,
	     before + 1 - array_here()->avail);
}

/* An object of the other node waits here, or takes those before it home. */
static void free_remote(void *object)
{
	struct alien_cache *alien = &node_here()->alien[zone_of(object)->node];
	bool sends = alien->array->avail == alien->array->limit;
	unsigned waiting = alien->array->avail;

	if (!counts(zone_of(object)->node) || !wanted(sends ? ALIEN_SENDS : ALIEN_PARKS)) {
		kmem_cache_free(cache, object);
		return;
	}
	counted_free(object);
	note(sends ? ALIEN_SENDS : ALIEN_PARKS, sends ? waiting : 1);
}

static void free_one(void *object)
{
	if (topology.nodes > 1 && zone_of(object)->node != node_here()->node)
		free_remote(object);
	else
		free_home(object);
}

/* Each CPU allocates, the other frees in the order of allocation: as producer and consumer. */
void program_run(struct counted *to, bool two_nodes)
{
	counted = to;
	cache = kmem_cache_create("lines", 64, 0, 0, NULL);
	for (unsigned round = 0; round < (two_nodes ? 2 : 4); round++) {
		go_to(round % CPUS);
		for (unsigned i = 0; i < OBJECTS; i++)
			objects[i] = alloc_one();
		go_to((round + 1) % CPUS);
		for (unsigned i = 0; i < OBJECTS; i++)
			free_one(objects[i]);
	}
	counted->ended = true;
}

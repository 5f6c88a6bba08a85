/*
 * reaper.c: every two seconds a little of every cache goes one station down.
 *
 * Done by a helper thread that starts with the first miss and ends when there has
 * been nothing to do for a while; the next miss starts it again. Where threads are
 * not wanted (reaper:off) or not to be had, misses do it, when the time has come.
 *
 * The helper never keeps a process alive: when it finds itself alone with a main
 * thread that has ended, it ends too, and the C library then exits.
 */
#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/prctl.h>
#include <sys/single_threaded.h>
#include <unistd.h>

#include "base/bits.h"
#include "base/probe.h"
#include "cache/cache.h"
#include "os/clock.h"
#include "os/file.h"
#include "os/ops.h"
#include "os/options.h"
#include "os/pressure.h"

/* Rounds that found nothing before the helper ends: chosen, so that a program with a
 * call a second keeps its helper, and an idle one is rid of it after ten. */
enum { IDLE_ROUNDS_MAX = 5 };

_Atomic int reaper_helper;
static _Atomic uint64_t next_round_ms;
counter_t reaper_rounds_done;

uint64_t reaper_rounds(void)
{
	return counter_read(&reaper_rounds_done);
}

/*
 * The fast profile keeps free slabs until they are reaped, so it looks twice as often,
 * and at nodes in each round: what is not needed is gone after two rounds and decay_ms.
 */
static unsigned round_ms(void)
{
	return options.profile == PROFILE_FAST ? (options.reap_ms + 1) / 2 : options.reap_ms;
}

static unsigned node_period_ms(void)
{
	return options.profile == PROFILE_FAST ? 0 : 2 * options.reap_ms;
}

static void reap_node_parts(struct kmem_cache_node *n, uint64_t now_ms)
{
	if (now_ms < n->next_reap_ms)
		return;
	n->next_reap_ms = now_ms + node_period_ms();
	node_reap(n);
}

static void reap_alien(struct kmem_cache *cache, unsigned node, unsigned home)
{
	struct kmem_cache_node **nodes = cache_nodes(cache);

	if (nodes[node]->alien != NULL && home != node)
		alien_drain(nodes, nodes[node], home);
}

void cache_reap_cpu(struct kmem_cache *cache, unsigned cpu, unsigned alien_home,
		    uint64_t now_ms)
{
	unsigned node = node_of_cpu(cpu);

	reap_alien(cache, node, alien_home);
	cpu_reap_slot(&cache->cpu, cpu);
	reap_node_parts(cache_nodes(cache)[node], now_ms);
}

/* All slots under one fence; one alien cache of each node, in turn. */
static void cache_reap_all(struct kmem_cache *cache, unsigned alien_home, uint64_t now_ms)
{
	for (unsigned node = 0; node < topology.nodes; node++)
		reap_alien(cache, node, alien_home);
	cpu_reap_all(&cache->cpu);
	for (unsigned node = 0; node < topology.nodes; node++)
		reap_node_parts(cache_nodes(cache)[node], now_ms);
}

/* What has moved so far: a round that moves nothing had nothing to do. */
static uint64_t moved(void)
{
	return counter_read(&slabs_released) + counter_read(&objects_reaped) +
	       counter_read(&holes_released);
}

/* One round. Returns whether there is a reason for another. */
static bool reap_round(void)
{
	uint64_t before = moved(), now_ms = clock_ms();
	unsigned alien_home = (unsigned)(counter_read(&reaper_rounds_done) % topology.nodes);

	deferred_free();
	lock_take(&registry_lock);
	for_each_cache(cache)
		cache_reap_all(cache, alien_home, now_ms);
	meta_shrink();
	holes_purge();
	lock_drop(&registry_lock);
	pages_purge(options.decay_ms);
	counter_add(&reaper_rounds_done, 1);
	PROBE(reap, counter_read(&reaper_rounds_done), moved() - before, pages_dirty(), 0);
	return pages_dirty() != 0 || moved() != before;
}

/* The misses so far, over all caches: did the program use us since? */
static uint64_t misses(void)
{
	uint64_t sum = 0;

	lock_take(&registry_lock);
	for_each_cache(cache)
		sum += counter_read(&cache->cpu.refills) + counter_read(&cache->cpu.flushes);
	lock_drop(&registry_lock);
	return sum;
}

/* The main thread has ended and there is nobody else: "pid (name) Z ...". */
static bool is_last_thread(void)
{
	char text[512], *state;

	if (!read_file("/proc/self/stat", text, sizeof(text)))
		return false;
	state = strrchr(text, ')');
	if (state == NULL || state[1] != ' ' || state[2] != 'Z')
		return false;
	for (int field = 3; field < 20 && state != NULL; field++)
		state = strchr(state + 2, ' ');
	return state != NULL && strtoul(state, NULL, 10) <= 2;
}

/* A program with shrinkers wants to hear of pressure whenever it comes. */
static bool listens(void)
{
	if (options.pressure == PRESSURE_OFF ||
	    (options.pressure == PRESSURE_AUTO && shrink_hook == NULL))
		return false;
	return pressure_listen();
}

static void sleep_a_round(void)
{
	if (!pressure_sleep(round_ms()))
		return;
	relieve(GFP_KERNEL);
	pages_purge(0);
}

static void follow_hotplug(unsigned cpu, bool online)
{
	if (online)
		cpu_came_online(cpu);
	else
		cpu_went_offline(cpu);
}

/* A program that called us in the meantime has a reason too. */
static void *helper_body(void *unused UNUSED)
{
	uint64_t before = 0;

	prctl(PR_SET_NAME, "ukmem-reaper");
	for (unsigned idle = 0; idle < IDLE_ROUNDS_MAX && !is_last_thread(); idle++) {
		uint64_t now;
		bool had_mail, had_ears;

		had_ears = listens();
		sleep_a_round();
		if (!index_is_cid())
			topology_watch(follow_hotplug);
		now = misses();
		had_mail = mailbox_serve();
		had_mail |= recorder_round();
		had_mail |= timing_round();
		if (reap_round() || had_mail || had_ears || now != before)
			idle = 0;
		before = now;
	}
	atomic_store(&reaper_helper, HELPER_NONE);
	return NULL;
}

/* Several may come here at once; one starts the thread. */
static void start_helper(void)
{
	int none = HELPER_NONE;

	if (!atomic_compare_exchange_strong(&reaper_helper, &none, HELPER_RUNS))
		return;
	if (os_ops.start_thread(helper_body, NULL) != 0)
		atomic_store(&reaper_helper, HELPER_REFUSED);
}

/* No helper: whoever comes first after the time is up does the round. */
static void reap_if_due(void)
{
	uint64_t now_ms = clock_ms(), due = atomic_load(&next_round_ms);

	if (now_ms < due ||
	    !atomic_compare_exchange_strong(&next_round_ms, &due, now_ms + round_ms()))
		return;
	reap_round();
}

/* What is free, in used slabs too, in pages; a glance without the nodes' locks. */
static size_t idle_pages(void)
{
	size_t bytes = 0;

	lock_take(&registry_lock);
	for_each_cache(cache)
		for (unsigned node = 0; node < topology.nodes; node++)
			bytes += __atomic_load_n(&cache_nodes(cache)[node]->free_objects,
						 __ATOMIC_RELAXED) * cache->layout.size;
	lock_drop(&registry_lock);
	return pages_dirty() + (bytes >> PAGE_SHIFT);
}

/*
 * In a program that does not know of us a thread must be worth it: it makes stdio and
 * the C++ library lock, and unshare and fork from handlers fail. Chosen: what a thread
 * more or less costs nobody with threads, and what is much in a program without.
 */
bool reaper_lazy;

enum { ENOUGH_PAGES = 8 << 8, ENOUGH_ALONE = 32 << 8 };

/*
 * A look takes as long as some misses do, so it waits until what was wanting can have come: a
 * miss frees a batch, of 32 pages at most; runs say what they free. LEAST is 16 such misses.
 */
static _Atomic long until_look;

void reaper_hears(size_t pages)
{
	atomic_fetch_sub_explicit(&until_look, (long)pages, memory_order_relaxed);
}

static bool idle_is_enough(void)
{
	enum { LEAST = 16 * 32 };
	size_t enough = __libc_single_threaded ? ENOUGH_ALONE : ENOUGH_PAGES, idle = idle_pages();
	size_t wanting = min_size(enough - min_size(idle, enough), ENOUGH_PAGES);

	atomic_store_explicit(&until_look, (long)max_size(wanting, LEAST), memory_order_relaxed);
	return wanting == 0;
}

static bool helper_is_due(void)
{
	if (!reaper_lazy)
		return true;
	reaper_hears(32);
	return atomic_load_explicit(&until_look, memory_order_relaxed) <= 0 && idle_is_enough();
}

/* A child that shares our memory would take the thread it starts with it when it ends. */
static void after_miss(void)
{
	int state = atomic_load_explicit(&reaper_helper, memory_order_relaxed);

	deferred_free();
	growth_follow();
	if (likely(state == HELPER_RUNS) || thread_is_guarded())
		return;
	if (options.reaper && state == HELPER_NONE && (helper_is_due() || mailbox_has_mail()))
		start_helper();
	else
		reap_if_due();
}

void reaper_init(void)
{
	atomic_store(&next_round_ms, clock_ms() + round_ms());
	cpu_miss_hook = after_miss;
}

/* The child has no helper; its next miss starts one. */
void reaper_after_fork(void)
{
	atomic_store(&reaper_helper, HELPER_NONE);
	pressure_after_fork();
}

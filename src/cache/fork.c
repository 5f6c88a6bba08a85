/*
 * fork.c: fork in a program with threads.
 *
 * Before: every lock, in rank order, so that no other thread is half way through
 * anything that a lock protects. After: the parent drops them, the child resets them.
 *
 * Sequences need nothing. What the child gets is a consistent cut: fork holds the
 * address space's lock while it write-protects page after page, and a thread that
 * then writes to a protected page waits for that lock; the others are stopped by the
 * TLB flush at its end. So each thread's writes are cut at one point, nobody runs past
 * his own cut before all are cut, and a sequence that was cut before its commit did
 * not happen. Objects in the hands of threads that don't exist in the child stay
 * allocated for ever, as with every allocator.
 */
#include <pthread.h>
#include <sched.h>

#include "account/group.h"
#include "cache/cache.h"
#include "cpu/backend.h"
#include "debug/guard.h"
#include "debug/quarantine.h"
#include "debug/track.h"
#include "node/emergency.h"
#include "os/fence.h"

struct lock leaf_lock = LOCK_INIT(LOCK_RANK_LEAF);

/* Same-ranked locks are taken newest cache first: an off-slab cache, which may hold
 * its own lock while it frees into a kmalloc cache, is always newer than that. */
static void for_each_lock(void (*act)(struct lock *lock))
{
	for_each_cache(cache)
		act(&cache->cpu.lock);
	for_each_cache(cache)
		for (unsigned node = 0; node < topology.nodes; node++)
			for (unsigned home = 0; home < topology.nodes &&
			     cache_nodes(cache)[node]->alien != NULL; home++)
				act(&cache_nodes(cache)[node]->alien[home].lock);
	act(&quarantine_lock);
	act(&guard_lock);
	for_each_cache(cache)
		for (unsigned node = 0; node < topology.nodes; node++)
			act(&cache_nodes(cache)[node]->list_lock);
	for (unsigned kind = 0; kind < META_KINDS; kind++)
		for (unsigned node = 0; node < topology.nodes; node++)
			act(&meta_caches[kind].nodes[node]->list_lock);
	act(&emergency_lock);
	for (unsigned number = 0; number < zones_count; number++)
		act(&zones[number].lock);
	act(&apart_lock);
	stocks_each_lock(act);
	act(&leaf_lock);
}

/*
 * Only here somebody holds a node's lock and waits for more: perhaps for a zone whose
 * holder was interrupted by a handler that waits for that node. So we don't insist:
 * when a lock does not come we drop all, let the others go on, and begin again.
 */
enum { PATIENCE_MS = 20 };      /* chosen: a holder needs microseconds, or a time slice */

static size_t locks_taken;      /* under the registry's lock, as is the next */
static bool lock_missed;

static void take_one(struct lock *lock)
{
	if (lock_missed)
		return;
	if (lock_take_within(lock, PATIENCE_MS))
		locks_taken++;
	else
		lock_missed = true;
}

static void drop_if_taken(struct lock *lock)
{
	if (locks_taken == 0)
		return;
	lock_drop(lock);
	locks_taken--;
}

static bool take_every_lock(void)
{
	locks_taken = 0;
	lock_missed = false;
	for_each_lock(take_one);
	if (!lock_missed && backend_lock_all_within(PATIENCE_MS))
		return true;
	for_each_lock(drop_if_taken);
	return false;
}

/*
 * Called from a signal handler that interrupted a holder: to wait for his lock would be
 * for ever. Nothing is taken then; the child has what single-threaded code would see, the
 * interrupted operation half done until the handler returns, and may allocate after that.
 */
static __thread unsigned char nested __attribute__((tls_model("initial-exec")));

static void before_fork(void)
{
	if (lock_depth != 0) {
		nested++;
		return;
	}
	lock_take(&boot_lock);
	if (!booted)
		return;
	lock_take(&registry_lock);
	while (!take_every_lock())
		sched_yield();
}

static void in_parent(void)
{
	if (nested != 0) {
		nested--;
		return;
	}
	if (booted) {
		backend_unlock_all();
		for_each_lock(lock_drop);
		lock_drop(&registry_lock);
	}
	lock_drop(&boot_lock);
}

static void reset_locks(void)
{
	if (booted) {
		backend_reset_in_child();
		for_each_lock(lock_reset);
		lock_reset(&registry_lock);
	}
	lock_reset(&boot_lock);
}

static void in_child(void)
{
	if (booted) {
		reaper_after_fork();
		track_after_fork();
		quarantine_after_fork();
		deferred_after_fork();
		recorder_after_fork(nested == 0);
		timing_init();
		mailbox_after_fork();
		pages_purge_forget();
		sources_abandon();
		if (backend_is_rseq())
			fence_init();
	}
	if (nested != 0)
		nested--;
	else
		reset_locks();
}

void fork_init(void)
{
	static bool done;

	if (done)
		return;
	done = true;
	pthread_atfork(before_fork, in_parent, in_child);
}

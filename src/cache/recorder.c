/*
 * recorder.c: a recording (debug/record.h) that begins and ends while the program runs, for
 * ukmem record --trace PID.
 *
 * Each plain cache loses its arrays, then gets the hooks: from there on every call leaves
 * the hit path by the door and is recorded. At the end it is the other way round. Calls that
 * were under way at the beginning or the end may be missing: a trace begins in the middle of
 * a program's life as it is.
 *
 * The tool that asked holds a lock on the file; the system drops it when the tool ends, in
 * whatever way. So a tool that was killed leaves no recording behind: the helper looks once
 * a round.
 */
#include <errno.h>

#include "cache/cache.h"
#include "debug/record.h"
#include "os/clock.h"
#include "slab/hooks.h"

/* Chosen: a tool opens the file as soon as it knows of it. */
enum { PATIENCE_MS = 10000 };

static bool recording;                  /* under the registry lock, as all here */
static uint64_t patience_until_ms;

static void set_hooks(struct kmem_cache *cache, const struct slab_hooks *hooks)
{
	__atomic_store_n(&cache->layout.hooks, hooks, __ATOMIC_RELEASE);
}

/* False: it has checks, or its calls could not be brought to the door. */
static bool take_part(struct kmem_cache *cache)
{
	const struct slab_hooks *hooks;

	if (cache->layout.hooks != NULL || cache->cpu.limit == 0 ||
	    cpu_close_for_now(&cache->cpu) != 0)
		return false;
	hooks = record_hooks(&cache->layout);
	if (hooks == NULL)
		cpu_open(&cache->cpu);
	else
		set_hooks(cache, hooks);
	return hooks != NULL;
}

static void leave(struct kmem_cache *cache)
{
	if (!cpu_is_closed_for_now(&cache->cpu))
		return;
	set_hooks(cache, NULL);
	cpu_open(&cache->cpu);
}

static void stop(void)
{
	for_each_cache(cache)
		leave(cache);
	record_close();
	recording = false;
}

static bool is_wanted(void)
{
	if (!record_is_awaited())
		return clock_ms() < patience_until_ms;
	patience_until_ms = 0;
	return true;
}

static int start(void)
{
	unsigned taking_part = 0;
	int file;

	if (recording && !record_is_awaited())
		stop();
	file = record_open();
	if (file < 0)
		return file;
	recording = true;
	patience_until_ms = clock_ms() + PATIENCE_MS;
	for_each_cache(cache)
		taking_part += take_part(cache);
	if (taking_part != 0)
		return file;
	stop();
	return -EOPNOTSUPP;
}

int recorder_start(void)
{
	int file;

	lock_take(&registry_lock);
	file = start();
	lock_drop(&registry_lock);
	return file;
}

int recorder_stop(void)
{
	lock_take(&registry_lock);
	if (recording)
		stop();
	lock_drop(&registry_lock);
	return 0;
}

bool recorder_round(void)
{
	bool goes_on;

	lock_take(&registry_lock);
	if (recording && !is_wanted())
		stop();
	goes_on = recording;
	lock_drop(&registry_lock);
	return goes_on;
}

void recorder_forgo(struct kmem_cache *cache)
{
	if (!cpu_is_closed_for_now(&cache->cpu))
		return;
	set_hooks(cache, NULL);
	cache->cpu.closed_limit = 0;
}

void recorder_new_cache(struct kmem_cache *cache)
{
	if (recording)
		take_part(cache);
}

/* A child of a handler that interrupted us leaves the caches to its helper's first round. */
void recorder_after_fork(bool quiet)
{
	record_abandon();
	if (!recording || !quiet)
		return;
	recording = false;
	for_each_cache(cache)
		leave(cache);
}

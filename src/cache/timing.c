/*
 * timing.c: misses are timed while a tool wants to know (ukmem record), or from the start
 * with latency:on.
 *
 * The tool asks again and again, each time for so many seconds: when it is gone, in whatever
 * way, the helper ends the timing in its next round. What was counted stays.
 */
#include <errno.h>
#include <stdlib.h>

#include "cache/cache.h"
#include "cpu/watch.h"
#include "os/clock.h"
#include "os/options.h"

enum { SECONDS_MAX = 7200 };            /* chosen: twice the longest interval of a recording */

static uint64_t until_ms;               /* under the registry lock */

void timing_init(void)
{
	atomic_store(&watch_times, options.latency);
}

void timing_new_cache(struct kmem_cache *cache)
{
	if (atomic_load(&watch_times))
		cpu_watch(&cache->cpu);
}

int timing_start(const char *seconds)
{
	unsigned long count = strtoul(seconds, NULL, 10);
	bool watched = true;

	if (count == 0 || count > SECONDS_MAX)
		return -EINVAL;
	lock_take(&registry_lock);
	for_each_cache(cache)
		watched &= cpu_watch(&cache->cpu);
	until_ms = clock_ms() + count * 1000;
	if (watched)
		atomic_store(&watch_times, true);
	lock_drop(&registry_lock);
	return watched ? 0 : -ENOMEM;
}

bool timing_round(void)
{
	bool goes_on;

	lock_take(&registry_lock);
	if (!options.latency && clock_ms() >= until_ms)
		atomic_store(&watch_times, false);
	goes_on = !options.latency && atomic_load(&watch_times);
	lock_drop(&registry_lock);
	return goes_on;
}

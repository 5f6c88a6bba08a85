/*
 * growth.c: a program that grows uses first what its other caches no longer need.
 *
 * The fast profile keeps free slabs and shared arrays until the reaper finds that nobody
 * needed them. A program whose sizes change from moment to moment (strings that get
 * longer, say) would meanwhile take new memory for each. So whenever there are more slabs
 * than ever, by a 64th, every node gives what it did not need since the last time; its
 * pages serve the next slabs. Who stays below his peak pays nothing.
 */
#include "base/bits.h"
#include "cache/cache.h"
#include "os/options.h"

/* Chosen: a look costs some microseconds, and 16 slabs are 1 MiB at most. */
enum { LEAST_SLABS = 16, PART = 64 };

/* Slabs there were at the last look. */
static _Atomic uint64_t peak;

static bool is_due(void)
{
	uint64_t before = atomic_load_explicit(&peak, memory_order_relaxed);
	uint64_t slabs = counter_read(&slabs_grown) - counter_read(&slabs_released);

	return (int64_t)(slabs - before) >= (int64_t)max_size(LEAST_SLABS, before / PART) &&
	       atomic_compare_exchange_strong(&peak, &before, slabs);
}

/*
 * After a miss; the counters are on lines of other CPUs, so only one that grew looks.
 * Nobody waits for this: whoever has the registry will see it grow again.
 */
void growth_follow(void)
{
	if (likely(!slab_was_grown))
		return;
	slab_was_grown = false;
	if (!is_due() || options.profile != PROFILE_FAST || thread_is_guarded() ||
	    !lock_try(&registry_lock))
		return;
	for_each_cache(cache)
		for (unsigned node = 0; node < topology.nodes; node++)
			node_reap(cache_nodes(cache)[node]);
	lock_drop(&registry_lock);
}

/*
 * fail.c: fault injection is switched on and off for a cache that is there.
 *
 * As in account.c: arrays first, then hooks. They stay: a call may be on its way to them.
 */
#include <ukmem/debug.h>

#include <errno.h>

#include "account/account.h"
#include "cache/cache.h"
#include "debug/debug.h"

/* Refused are hooks of another kind; whom a recording has let go has none. */
static int begin(struct kmem_cache *cache)
{
	struct slab_layout *layout = &cache->layout;
	const struct slab_hooks *now = layout->hooks == &account_hooks ? NULL : layout->hooks;
	const struct slab_hooks *hooks = debug_failing(now);
	int error = 0;

	if (hooks == NULL)
		return -EBUSY;
	if (layout->hooks == NULL)
		error = cache_close(cache);
	if (error == 0)
		__atomic_store_n(&layout->hooks, hooks, __ATOMIC_RELEASE);
	return error;
}

PUBLIC int kmem_cache_fail(struct kmem_cache *cache, int on)
{
	int error = 0;

	if (cache == NULL)
		return -EINVAL;
	lock_take(&registry_lock);
	if (on != 0) {
		recorder_forgo(cache);
		error = begin(cache);
	}
	if (error == 0 && on != 0)
		__atomic_fetch_or(&cache->layout.checks, SLAB_FAILSLAB, __ATOMIC_RELAXED);
	else if (error == 0)
		__atomic_fetch_and(&cache->layout.checks, ~SLAB_FAILSLAB, __ATOMIC_RELAXED);
	lock_drop(&registry_lock);
	return error;
}

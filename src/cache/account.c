/*
 * account.c: a cache begins to account.
 *
 * Its arrays go first, under a fence, so that no call is a hit any more; then it gets
 * hooks. Objects that were out before are nobody's. Should a free that found no hooks yet
 * still be on its way, its object was never charged.
 */
#include "account/account.h"
#include "cpu/hooked.h"
#include "cache/cache.h"

int cache_close(struct kmem_cache *cache)
{
	int error = cpu_close(&cache->cpu);

	for (unsigned node = 0; node < topology.nodes && error == 0; node++)
		error = node_set_shared(cache, node, 0);
	if (error == 0)
		cache->cpu.shared = cache->cpu.batchcount = 0;
	return error;
}

/* From now on it accounts, as @how. 0, or -EPERM. Under the registry lock. */
static int account_from_now(struct kmem_cache *cache, enum accounting how)
{
	struct slab_layout *layout = &cache->layout;
	int error = 0;

	if (layout->accounting >= how)
		return 0;
	recorder_forgo(cache);
	if (layout->hooks == NULL)
		error = cache_close(cache);
	if (error != 0)
		return error;
	if (layout->hooks == NULL)
		__atomic_store_n(&layout->hooks, &account_hooks, __ATOMIC_RELEASE);
	__atomic_store_n(&layout->accounting, how, __ATOMIC_RELEASE);
	return 0;
}

/* Before it has arrays. */
void cache_account_new(struct kmem_cache *cache)
{
	if (!(cache->flags & SLAB_ACCOUNT) || !accounting_on)
		return;
	cache->layout.accounting = ACCOUNT_ALL;
	if (cache->layout.hooks == NULL)
		cache->layout.hooks = &account_hooks;
}

/* A call with __GFP_ACCOUNT in a cache without the flag. */
static bool account_asked(struct cpu_arrays *cpu)
{
	struct kmem_cache *cache = cache_of_layout(cpu->layout);
	int error;

	lock_take(&registry_lock);
	error = account_from_now(cache, ACCOUNT_ASKED);
	lock_drop(&registry_lock);
	return error == 0;
}

/* What was done stays when the rest is refused: it does no harm, and is done once. */
int accounting_start(void)
{
	int error = stocks_init();

	if (error == 0)
		error = owners_init();
	if (accounting_on || error != 0)
		return error;
	cpu_account_hook = account_asked;
	for_each_cache(cache)
		if ((cache->flags & SLAB_ACCOUNT) && error == 0)
			error = account_from_now(cache, ACCOUNT_ALL);
	accounting_on = error == 0;
	if (error == 0)
		error = kmalloc_account();
	if (error != 0)
		accounting_on = false;
	return error;
}

/*
 * reclaim.c: what an allocation tries before it gives up.
 *
 * First the application's shrinkers, harder each time; then all free slabs of all
 * caches, and what another thread is about to give to the OS. A thread that is in a shrinker does not call shrinkers again.
 */
#include <ukmem/shrinker.h>

#include "base/uncancelled.h"
#include "cache/cache.h"

unsigned long (*shrink_hook)(gfp_t gfp, unsigned urgency);
static void (*_Atomic nofail_callback)(gfp_t gfp, unsigned attempts);

PUBLIC void kmem_set_nofail_callback(void (*callback)(gfp_t gfp, unsigned attempts))
{
	atomic_store(&nofail_callback, callback);
}

void reclaim(void)
{
	if (!booted)            /* a mapping was refused to the very first call */
		return;
	deferred_free();
	lock_take(&registry_lock);
	for_each_cache(cache)
		cache_shrink(cache);
	meta_shrink();
	lock_drop(&registry_lock);
	pages_purge_wait();
}

static unsigned long call_shrinkers(gfp_t gfp, unsigned urgency)
{
	unsigned long freed;

	if (shrink_hook == NULL || (thread_scope & KMEM_SCOPE_MEMALLOC) || !thread_enter_reclaim())
		return 0;
	freed = shrink_hook(thread_gfp(gfp), urgency);
	thread_leave_reclaim();
	return freed;
}

unsigned long shrink_for(gfp_t gfp, unsigned attempt)
{
	return call_shrinkers(gfp, attempt < SHRINK_ATTEMPTS ? attempt : SHRINK_ATTEMPTS - 1);
}

static void wait_before(gfp_t gfp, unsigned attempt)
{
	void (*callback)(gfp_t, unsigned) = atomic_load(&nofail_callback);

	if (callback != NULL)
		callback(gfp, attempt);
	else
		uncancelled_pause();
}

/* Once for everybody; again while shrinkers free something; for ever with NOFAIL. */
bool reclaim_for(gfp_t gfp, unsigned attempt)
{
	bool never_fails = (gfp & __GFP_NOFAIL) != 0;
	unsigned long freed;

	if (attempt != 0 && !never_fails &&
	    (attempt >= SHRINK_ATTEMPTS || shrink_hook == NULL || (gfp & __GFP_NORETRY)))
		return false;
	freed = shrink_for(gfp, attempt);
	if (attempt != 0 && freed == 0) {
		if (!never_fails)
			return false;
		wait_before(gfp, attempt);
	}
	reclaim();
	if (gfp & __GFP_THISNODE)
		pages_purge(0);         /* what we keep there for later, others could have now */
	return true;
}

unsigned long relieve(gfp_t gfp)
{
	unsigned long freed = call_shrinkers(gfp, 0);

	reclaim();
	return freed;
}

PUBLIC unsigned long kmem_reclaim(gfp_t gfp)
{
	return boot_ensure() == 0 ? relieve(gfp) : 0;
}

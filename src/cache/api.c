/*
 * api.c: the public functions on a cache; each a line or two.
 */
/* The functions themselves, not what callers make of them. */
#define UKMEM_CALL_H

#include <errno.h>
#include <string.h>

#include "base/bits.h"
#include "base/probe.h"
#include "cache/cache.h"
#include "cpu/backend.h"

#define PROBE_CACHE_ALLOC(site, object, layout, gfp, node)                      \
	PROBE_ALLOC(kmem_cache_alloc, site, object,                            \
		    "m"((layout)->object_size), (layout)->size, gfp, node)

/* The doors of these hits: the rest of the road, and the tracepoint at its end. */
static COLD void *alloc_missed(const void *base, gfp_t gfp, const void *caller)
{
	void *object = cpu_alloc_slow(base, gfp, caller);

	PROBE_CACHE_ALLOC(SITE(caller), object, cpu_of_base(base)->layout, gfp, NUMA_NO_NODE);
	return object;
}

static COLD void *alloc_aborted(const void *base, gfp_t gfp, const void *caller)
{
	void *object = cpu_alloc_aborted(base, gfp, caller);

	PROBE_CACHE_ALLOC(SITE(caller), object, cpu_of_base(base)->layout, gfp, NUMA_NO_NODE);
	return object;
}

/*
 * cpu_alloc with a tracepoint, which in a hit costs no instruction: it is at the ret. For
 * functions that end so, and leave by the doors for good; in others the roads would meet
 * again at the tracepoint's address.
 */
HOT_INLINE void *alloc_traced(struct kmem_cache *cache, gfp_t gfp, bool may_be_slow)
{
	const void *base = slots_base(cache->cpu.slot);
	void *object;

	switch (may_be_slow ? seq_pop_unless(base, UKMEM_ATTENTION(gfp), &object) :
		seq_pop(base, &object)) {
	case SEQ_DONE:
		PROBE_CACHE_ALLOC(CALL_SITE, object, &cache->layout, gfp, NUMA_NO_NODE);
		return object;
	case SEQ_EMPTY:
		return alloc_missed(base, gfp, CALLER);
	default:
		return alloc_aborted(base, gfp, CALLER);
	}
}

PUBLIC HIT void *kmem_cache_alloc(struct kmem_cache *cache, gfp_t gfp)
{
	return alloc_traced(cache, gfp, true);
}

PUBLIC HIT void *ukmem_alloc_uncleared(struct kmem_cache *cache, gfp_t gfp)
{
	return alloc_traced(cache, gfp, false);
}

PUBLIC HIT void kmem_cache_free(struct kmem_cache *cache, void *object)
{
	PROBE_CACHE_FREE(CALL_SITE, object, cache->layout.name);
	cpu_free(&cache->cpu, object);
}

PUBLIC void *ukmem_alloc_miss(struct kmem_cache *cache, gfp_t gfp)
{
	return cpu_alloc_slow(slots_base(cache->cpu.slot), gfp, __builtin_return_address(0));
}

PUBLIC void ukmem_free_miss(struct kmem_cache *cache, void *object)
{
	cpu_free_slow(slots_base(cache->cpu.slot), object);
}

PUBLIC void *kmem_cache_zalloc(struct kmem_cache *cache, gfp_t gfp)
{
	const void *caller = __builtin_return_address(0);
	void *object = cpu_alloc_either(&cache->cpu, gfp & ~__GFP_ZERO, true, caller);

	PROBE_CACHE_ALLOC(SITE(caller), object, &cache->layout, gfp | __GFP_ZERO, NUMA_NO_NODE);
	if (likely(object != NULL))
		memset(object, 0, object_size_of(&cache->layout));
	return object;
}

PUBLIC void *kmem_cache_alloc_node(struct kmem_cache *cache, gfp_t gfp, int node)
{
	const void *caller = __builtin_return_address(0);
	void *object;

	if (node == NUMA_NO_NODE)
		object = cpu_alloc_either(&cache->cpu, gfp, true, caller);
	else
		object = cpu_alloc_node(&cache->cpu, gfp, node, caller);
	PROBE_CACHE_ALLOC(SITE(caller), object, &cache->layout, gfp, node);
	return object;
}

/* How many objects are moved by one sequence: no longer to be interrupted in than a refill. */
enum { HITS_AT_ONCE = BATCH_MAX };

/* Some of what is wanted, @count, at least one: hits, else by the door. 0 when refused. */
static unsigned alloc_some(struct kmem_cache *cache, gfp_t gfp, void **objects, size_t count,
			   const void *caller)
{
	unsigned hits = 0;

	if (likely(UKMEM_ATTENTION(gfp) >= 0))
		hits = array_pop_some(&cache->cpu, objects, (unsigned)min_size(count, HITS_AT_ONCE));
	if (hits != 0)
		return hits;
	objects[0] = cpu_alloc_either(&cache->cpu, gfp, true, caller);
	return objects[0] != NULL;
}

PUBLIC int kmem_cache_alloc_bulk(struct kmem_cache *cache, gfp_t gfp, size_t count,
				 void **objects)
{
	const void *caller = __builtin_return_address(0);
	size_t done = 0;

	while (done < count) {
		unsigned more = alloc_some(cache, gfp, objects + done, count - done, caller);

		if (unlikely(more == 0)) {
			kmem_cache_free_bulk(cache, done, objects);
			errno = ENOMEM;
			return 0;
		}
		for (; more != 0; more--, done++) {
			will_be_written(objects[done]);
			PROBE_CACHE_ALLOC(SITE(caller), objects[done], &cache->layout, gfp,
					  NUMA_NO_NODE);
		}
	}
	return (int)count;
}

static unsigned free_some(struct kmem_cache *cache, void **objects, size_t count)
{
	unsigned hits = array_push_some(&cache->cpu, objects,
					(unsigned)min_size(count, HITS_AT_ONCE));

	if (hits != 0)
		return hits;
	cpu_free(&cache->cpu, objects[0]);
	return 1;
}

PUBLIC void kmem_cache_free_bulk(struct kmem_cache *cache, size_t count, void **objects)
{
	const void *caller = __builtin_return_address(0);

	if (cache == NULL) {
		kfree_bulk(count, objects);
		return;
	}
	for (size_t i = 0; i < count; i++)
		PROBE_CACHE_FREE(SITE(caller), objects[i], cache->layout.name);
	for (size_t done = 0; done < count;)
		done += free_some(cache, objects + done, count - done);
}

PUBLIC unsigned kmem_cache_size(struct kmem_cache *cache)
{
	return cache != NULL ? object_size_of(&cache->layout) : 0;
}

PUBLIC const char *kmem_cache_name(struct kmem_cache *cache)
{
	return cache != NULL ? cache->name : NULL;
}

PUBLIC void kmem_vfork_guard(bool on)
{
	if (boot_ensure() == 0)
		thread_guard(on);
}

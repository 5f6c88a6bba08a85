/*
 * tune.c: how much each array holds, by default and on request.
 */
#include <errno.h>

#include "base/bits.h"
#include "cache/cache.h"
#include "os/options.h"
#include "pages/source.h"

/*
 * Linux's table: arrays of large objects are short, so that a CPU parks at most about
 * 128 KiB (and one object) in each.
 */
static unsigned default_limit(unsigned size)
{
	if (size > 131072)
		return 1;
	if (size > PAGE_BYTES)
		return 8;
	if (size > 1024)
		return 24;
	if (size > 256)
		return 54;
	return 120;
}

/*
 * The fast profile. A LIFO of 100 objects always hits when the limit is 100 and a batch
 * more: with less, each round refills what the last one flushed (4.9 -> 3.3 ns a pair at
 * 1024 bytes). Larger batches gain where slabs are cold, so small objects get them. Of
 * large objects a CPU parks at most half a MiB in each array.
 */
static void fast_tunables(unsigned size, unsigned *limit, unsigned *batchcount)
{
	enum { PARKED = 136, PARKED_BYTES = PARKED * PAGE_STRIDE_MAX };

	if (size > 1024) {
		*limit = (unsigned)min_size(PARKED_BYTES / size, PARKED);
		*limit = (unsigned)max_size(*limit, default_limit(size));
		*batchcount = (*limit + 3) / 4;
		return;
	}
	*limit = size > 256 ? 160 : 224;
	*batchcount = size > 256 ? 56 : 112;
}

/* A shared array pays only between CPUs, and where arrays are long (Linux: up to a page). */
void default_tunables(unsigned size, unsigned *limit, unsigned *batchcount, unsigned *shared)
{
	if (options.profile == PROFILE_FAST) {
		fast_tunables(size, limit, batchcount);
	} else {
		*limit = default_limit(size);
		*batchcount = (*limit + 1) / 2;
	}
	*shared = *limit > default_limit(2 * PAGE_BYTES) && topology.cpus_online > 1 ? 8 : 0;
}

/*
 * The fast profile keeps free slabs until the reaper finds that nobody needed them:
 * giving pages back and taking them again costs more than the whole burst.
 */
size_t node_free_limit(const struct kmem_cache *cache, unsigned node)
{
	if (options.profile == PROFILE_FAST)
		return SIZE_MAX / 16;
	return (1 + (size_t)topology.cpus_online_of[node]) * cache->cpu.batchcount +
	       cache->layout.num;
}

/* Swap the node's shared array for @array, of @limit (0: none); its objects go to slabs. */
static void replace_shared(struct kmem_cache_node *n, struct array_cache *array, unsigned limit)
{
	struct list surplus;
	struct array_cache *old;

	list_init(&surplus);
	lock_take(&n->list_lock);
	old = n->shared;
	if (old != NULL) {
		node_give(n, old->entry, old->avail, &surplus);
		old->avail = 0;
	}
	shared_set(n, array, limit);
	lock_drop(&n->list_lock);
	slabs_release(&surplus);
	array_delete(old);
}

/* In the fast profile the first flush makes it. */
int node_set_shared(struct kmem_cache *cache, unsigned node, unsigned limit)
{
	struct array_cache *array = NULL;

	if (limit != 0 && options.profile != PROFILE_FAST) {
		array = array_new(limit, 0, node, true);
		if (array == NULL)
			return -ENOMEM;
	}
	replace_shared(cache_nodes(cache)[node], array, limit);
	return 0;
}

static void delete_all(struct array_cache **arrays, unsigned count)
{
	for (unsigned node = 0; node < count; node++)
		array_delete(arrays[node]);
}

static int make_shared_arrays(struct array_cache **arrays, unsigned limit)
{
	for (unsigned node = 0; node < topology.nodes; node++) {
		arrays[node] = limit != 0 ? array_new(limit, 0, node, true) : NULL;
		if (limit != 0 && arrays[node] == NULL) {
			delete_all(arrays, node);
			return -ENOMEM;
		}
	}
	return 0;
}

/*
 * Linux gives each CPU's array back even when it is empty, which trims the node to the
 * limit that ends here; an earlier tune may have left more.
 */
static void set_free_limit(struct kmem_cache *cache, struct kmem_cache_node *n)
{
	struct list surplus;

	list_init(&surplus);
	lock_take(&n->list_lock);
	if (topology.cpus_online_of[n->node] != 0)
		node_give(n, NULL, 0, &surplus);
	n->free_limit = node_free_limit(cache, n->node);
	lock_drop(&n->list_lock);
	slabs_release(&surplus);
}

/* Whatever it is told: its calls go through hooks, or its memory is our parent's. */
static bool has_no_arrays(const struct kmem_cache *cache)
{
	const struct zone *zone = cache->layout.zone;

	return cache->layout.hooks != NULL || (zone != NULL && zone_is_closed(zone));
}

/* Under the registry lock. All that can fail comes first. */
int do_tune_cpucache(struct kmem_cache *cache, unsigned limit, unsigned batchcount,
		     unsigned shared)
{
	struct array_cache *arrays[NODES_MAX];
	int error;

	if (cpu_is_closed_for_now(&cache->cpu))
		return -EBUSY;
	if (has_no_arrays(cache))
		return 0;
	error = make_shared_arrays(arrays, shared * batchcount);
	if (error != 0)
		return error;
	error = cpu_tune(&cache->cpu, limit, batchcount);
	if (error != 0) {
		delete_all(arrays, topology.nodes);
		return error;
	}
	cache->cpu.shared = shared;
	for (unsigned node = 0; node < topology.nodes; node++) {
		struct kmem_cache_node *n = cache_nodes(cache)[node];

		set_free_limit(cache, n);
		replace_shared(n, arrays[node], shared * batchcount);
	}
	return 0;
}

static bool tunables_are_valid(int limit, int batchcount, int shared)
{
	return limit >= 1 && limit <= ARRAY_LIMIT_MAX && batchcount >= 1 &&
	       batchcount <= limit && shared >= 0 &&
	       (size_t)shared * (size_t)batchcount <= ARRAY_LIMIT_MAX;
}

PUBLIC int kmem_cache_tune(struct kmem_cache *cache, int limit, int batchcount, int shared)
{
	int error;

	if (cache == NULL || !tunables_are_valid(limit, batchcount, shared))
		return -EINVAL;
	lock_take(&registry_lock);
	error = do_tune_cpucache(cache, (unsigned)limit, (unsigned)batchcount, (unsigned)shared);
	lock_drop(&registry_lock);
	return error;
}

/*
 * shared.c: the array between a node's CPUs.
 *
 * What one CPU flushes another may refill from, a batch at a time, without touching
 * a slab. All under the node's lock.
 *
 * In the fast profile it is made by the first who has something for it: it is several
 * pages, and most caches of a short program never flush.
 */
#include <string.h>

#include "base/bits.h"
#include "node/meta.h"

/* Should somebody else have been faster, or a tune have come between, ours was not needed. */
void shared_make(struct kmem_cache_node *n)
{
	unsigned limit = __atomic_load_n(&n->shared_limit, __ATOMIC_RELAXED);
	struct array_cache *array = limit != 0 ? array_new(limit, 0, n->node, true) : NULL;

	if (array == NULL)
		return;
	lock_take(&n->list_lock);
	if (n->shared == NULL && n->shared_limit == limit) {
		shared_set(n, array, limit);
		array = NULL;
	}
	lock_drop(&n->list_lock);
	array_delete(array);
}

/* A shared array that served is touched: the reaper leaves it alone for a round. */
unsigned shared_take(struct kmem_cache_node *n, void **objects, unsigned count)
{
	struct array_cache *shared = n->shared;

	if (shared == NULL || shared->avail == 0)
		return 0;
	count = (unsigned)min_size(count, shared->avail);
	shared->avail -= count;
	memcpy(objects, &shared->entry[shared->avail], count * sizeof(void *));
	shared->idle = 0;
	return count;
}

unsigned shared_give(struct kmem_cache_node *n, void *const *objects, unsigned count)
{
	struct array_cache *shared = n->shared;

	if (shared == NULL)
		return 0;
	count = (unsigned)min_size(count, shared->limit - shared->avail);
	memcpy(&shared->entry[shared->avail], objects, count * sizeof(void *));
	shared->avail += count;
	return count;
}

/*
 * shared.c: the array between a node's CPUs.
 *
 * What one CPU flushes another may refill from, a batch at a time, without touching
 * a slab. All under the node's lock.
 */
#include <string.h>

#include "base/bits.h"
#include "node/node.h"

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

/*
 * reap.c: age. What was not needed for a while moves one station down.
 *
 * Arrays that nobody touched lose a fifth of their limit a round, oldest first; free
 * slabs leave a fifth of free_limit at a time, unless they were needed. So an idle
 * cache shrinks in steps, and a busy one keeps what it uses.
 */
#include "node/node.h"
#include "os/options.h"

counter_t objects_reaped;

/*
 * A fifth of the limit; half of what is there, if that is less. Linux's numbers. The fast
 * profile gives all: a thousand objects parked are up to a thousand slabs held.
 */
unsigned reap_share(const struct array_cache *array)
{
	unsigned share = (array->limit + 4) / 5;

	if (options.profile == PROFILE_FAST)
		return array->avail;
	return share > array->avail ? (array->avail + 1) / 2 : share;
}

size_t reap_slabs(const struct kmem_cache_node *n)
{
	return (n->free_limit + 5 * n->layout->num - 1) / (5 * n->layout->num);
}

static void reap_shared(struct kmem_cache_node *n, struct list *surplus)
{
	struct array_cache *shared = n->shared;
	unsigned share;

	if (shared == NULL || shared->avail == 0)
		return;
	if (!shared->idle) {
		shared->idle = 1;
		return;
	}
	share = reap_share(shared);
	node_give(n, shared->entry, share, surplus);
	array_drop_oldest(shared, share);
	counter_add(&objects_reaped, share);
}

void node_reap(struct kmem_cache_node *n)
{
	struct list surplus;
	bool needed;

	list_init(&surplus);
	lock_take(&n->list_lock);
	reap_shared(n, &surplus);
	needed = n->free_touched;
	n->free_touched = false;
	lock_drop(&n->list_lock);
	slabs_release(&surplus);
	if (!needed)
		node_drain_free(n, reap_slabs(n));
}

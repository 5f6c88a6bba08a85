/*
 * shrink.c: empty the arrays, give free slabs and free pages back.
 */
#include <errno.h>

#include "cache/cache.h"
#include "debug/debug.h"

static void drain_aliens(struct kmem_cache *cache)
{
	struct kmem_cache_node **nodes = cache_nodes(cache);

	for (unsigned node = 0; node < topology.nodes; node++)
		for (unsigned home = 0; home < topology.nodes && nodes[node]->alien != NULL; home++)
			alien_drain(nodes, nodes[node], home);
}

static void drain_shared(struct kmem_cache_node *n)
{
	struct list surplus;

	list_init(&surplus);
	lock_take(&n->list_lock);
	if (n->shared != NULL) {
		node_give(n, n->shared->entry, n->shared->avail, &surplus);
		n->shared->avail = 0;
	}
	lock_drop(&n->list_lock);
	slabs_release(&surplus);
}

bool cache_shrink(struct kmem_cache *cache)
{
	if (cache->layout.hooks != NULL)
		debug_release(&cache->layout);
	cpu_drain_all(&cache->cpu);
	drain_aliens(cache);
	for (unsigned node = 0; node < topology.nodes; node++)
		drain_shared(cache_nodes(cache)[node]);
	for (unsigned node = 0; node < topology.nodes; node++)
		node_drain_free(cache_nodes(cache)[node], SIZE_MAX);
	return cache_active_objects(cache) != 0;
}

PUBLIC int kmem_cache_shrink(struct kmem_cache *cache)
{
	int kept_errno = errno;
	bool out;

	if (cache == NULL)
		return -EINVAL;
	deferred_settle();
	lock_take(&registry_lock);
	out = cache_shrink(cache);
	meta_shrink();
	lock_drop(&registry_lock);
	pages_purge(0);
	errno = kept_errno;
	return out ? 1 : 0;
}

void cache_check(struct kmem_cache *cache)
{
	layout_check(&cache->layout);
	for (unsigned node = 0; node < topology.nodes; node++)
		node_check(cache_nodes(cache)[node]);
}

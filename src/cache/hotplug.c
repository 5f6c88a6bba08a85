/*
 * hotplug.c: CPUs go and come.
 *
 * A CPU that goes leaves its array behind; the objects go to their slabs, and the
 * node's free_limit shrinks by a batch. When a node's last CPU goes, its shared and
 * alien arrays go too. A CPU that comes brings the node's share back.
 */
#include "cache/cache.h"

static void drop_alien_arrays(struct kmem_cache *cache, struct kmem_cache_node *n)
{
	for (unsigned home = 0; home < topology.nodes && n->alien != NULL; home++) {
		struct array_cache *array;

		alien_drain(cache_nodes(cache), n, home);
		lock_take(&n->alien[home].lock);
		array = n->alien[home].array;
		n->alien[home].array = NULL;
		lock_drop(&n->alien[home].lock);
		array_delete(array);
	}
}

/* Under a quota it may be one that nobody paid for: @counted says. */
static void cache_cpu_offline(struct kmem_cache *cache, unsigned cpu, bool counted)
{
	unsigned node = node_of_cpu(cpu);
	struct kmem_cache_node *n = cache_nodes(cache)[node];

	lock_take(&n->list_lock);
	n->free_limit -= counted ? cache->cpu.batchcount : 0;
	lock_drop(&n->list_lock);
	cpu_drain_slot(&cache->cpu, cpu);
	if (topology.cpus_online_of[node] == 0) {
		node_set_shared(cache, node, 0);
		drop_alien_arrays(cache, n);
	}
	node_drain_free(n, SIZE_MAX);
}

/* free_limit is computed before the CPU counts, as the kernel does. */
static int cache_cpu_online(struct kmem_cache *cache, unsigned cpu)
{
	unsigned node = node_of_cpu(cpu);
	struct kmem_cache_node *n = cache_nodes(cache)[node];
	int error = 0;

	lock_take(&n->list_lock);
	n->free_limit = node_free_limit(cache, node);
	lock_drop(&n->list_lock);
	if (n->shared == NULL && cache->cpu.shared != 0)
		error = node_set_shared(cache, node, cache->cpu.shared * cache->cpu.batchcount);
	return error == 0 ? make_alien_arrays(cache, n) : error;
}

void cpu_went_offline(unsigned cpu)
{
	unsigned before = topology.cpus_online_of[node_of_cpu(cpu)];

	if (!topology.online[cpu])
		return;
	lock_take(&registry_lock);
	topology_set_online(cpu, false);
	for_each_cache(cache)
		cache_cpu_offline(cache, cpu, topology.cpus_online_of[node_of_cpu(cpu)] != before);
	lock_drop(&registry_lock);
}

/* Returns 0, or an error when some arrays were refused: those caches do without. */
int cpu_came_online(unsigned cpu)
{
	int error = 0;

	if (topology.online[cpu])
		return 0;
	lock_take(&registry_lock);
	for_each_cache(cache)
		error |= cache_cpu_online(cache, cpu);
	topology_set_online(cpu, true);
	lock_drop(&registry_lock);
	return error;
}

/*
 * verify.c: a cache's slabs, one by one (include/ukmem/debug.h).
 */
#include <ukmem/debug.h>

#include <errno.h>

#include "cache/cache.h"
#include "debug/debug.h"
#include "debug/finding.h"

static size_t verify_list(const struct list *list)
{
	size_t found = 0;

	list_for_each(node, list)
		found += debug_verify_slab(list_entry(node, struct page, list));
	return found;
}

static size_t verify_node(struct kmem_cache_node *n)
{
	size_t found;

	lock_take(&n->list_lock);
	found = verify_list(&n->slabs_full) + verify_list(&n->slabs_partial) +
		verify_list(&n->slabs_free);
	lock_drop(&n->list_lock);
	return found;
}

/* A plain cache has no table: its invariants only, which abort when broken. */
PUBLIC long kmem_cache_verify(struct kmem_cache *cache)
{
	size_t found = 0;

	if (cache == NULL)
		return -EINVAL;
	lock_take(&registry_lock);
	for (unsigned node = 0; node < topology.nodes && cache->layout.lead != 0; node++)
		found += verify_node(cache_nodes(cache)[node]);
	if (found == 0)
		cache_check(cache);
	lock_drop(&registry_lock);
	return (long)found;
}

PUBLIC unsigned long kmem_reports(void)
{
	return (unsigned long)counter_read(&reports);
}

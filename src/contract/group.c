/*
 * group.c: the public face of accounting groups (account/).
 */
#include <errno.h>

#include "account/account.h"
#include "base/bits.h"
#include "base/check.h"
#include "cache/cache.h"

/* ---- Over the limit -------------------------------------------------------------------- */

/* The callback's own allocations must not lead back to it. */
static enum kmem_group_verdict ask_callback(struct kmem_group *full, size_t bytes, gfp_t gfp,
					    unsigned attempt)
{
	kmem_group_callback *callback = full->over;
	enum kmem_group_verdict verdict;
	struct kmem_group *before;

	if (callback == NULL || !thread_enter_reclaim())
		return KMEM_GROUP_REFUSE;
	before = kmem_group_enter(NULL);
	verdict = callback(full, bytes, gfp, attempt, full->over_data);
	kmem_group_leave(before);
	thread_leave_reclaim();
	return verdict;
}

/* Shrinkers first, each time harder; those that free something are asked again. */
static enum kmem_group_verdict when_full(struct kmem_group *full, size_t bytes, gfp_t gfp,
					 unsigned attempt)
{
	enum kmem_group_verdict verdict;

	if (!gfp_may_block(gfp))
		return KMEM_GROUP_REFUSE;
	deferred_free();
	if (attempt < SHRINK_ATTEMPTS) {
		shrink_for(gfp, attempt);
		return KMEM_GROUP_RETRY;
	}
	verdict = ask_callback(full, bytes, gfp, attempt - SHRINK_ATTEMPTS);
	return verdict == KMEM_GROUP_REFUSE && (gfp & __GFP_NOFAIL) ? KMEM_GROUP_PASS : verdict;
}

/* ---- A group's life ------------------------------------------------------------------------ */

static int64_t bounded(size_t limit)
{
	return (int64_t)min_size(limit, INT64_MAX / 2);
}

PUBLIC struct kmem_group *kmem_group_create(const char *name, struct kmem_group *parent,
					    size_t limit)
{
	struct kmem_group *group = NULL;
	int kept_errno = errno, error = boot_ensure();

	if (name == NULL || name[0] == '\0')
		error = -EINVAL;
	if (error == 0) {
		lock_take(&registry_lock);
		if (group_full_hook == NULL)
			group_full_hook = when_full;
		error = accounting_start();
		if (error == 0 && (group = group_new(name, parent, bounded(limit))) == NULL)
			error = -errno;
		lock_drop(&registry_lock);
	}
	errno = error == 0 ? kept_errno : -error;
	return group;
}

/* Marked first, so that no stock is filled behind our back. */
PUBLIC void kmem_group_destroy(struct kmem_group *group)
{
	if (group == NULL)
		return;
	if (atomic_exchange(&group->destroyed, true))
		slab_panic("kmem_group_destroy of group %s, which is destroyed", group->name);
	atomic_store(&group->limit, INT64_MAX / 2);
	atomic_store(&group->over, NULL);
	stocks_drain(group, true);
	group_unpin(group, 1);
}

PUBLIC struct kmem_group *kmem_group_enter(struct kmem_group *group)
{
	struct kmem_group *before = group_entered;

	if (group != NULL)
		group_pin(group, 1);
	group_entered = group;
	return before;
}

PUBLIC void kmem_group_leave(struct kmem_group *before)
{
	struct kmem_group *group = group_entered;

	group_entered = before;
	group_unpin(group, 1);
}

PUBLIC struct kmem_group *kmem_group_current(void)
{
	return group_alive(group_entered);
}

static bool is_charged(const struct page *slab, const void *object)
{
	const uint16_t *owners = owners_of(slab);

	return owners != NULL && owners[obj_to_index(slab->layout, slab, object)] != 0;
}

PUBLIC bool kmem_cache_charge(void *object, gfp_t gfp)
{
	const struct page *slab = virt_to_head_page(object);
	struct kmem_group *group = group_alive(group_entered);
	size_t bytes;

	if (group == NULL || slab == NULL || slab->state != PAGE_SLAB ||
	    slab->layout->accounting != ACCOUNT_ALL || is_charged(slab, object))
		return true;
	bytes = slab->layout->size;
	if (!group_charge(group, bytes, gfp))
		return false;
	if (account_own(group, object, gfp_may_block(gfp)))
		return true;
	group_uncharge(group, bytes);
	return false;
}

PUBLIC void kmem_group_set_limit(struct kmem_group *group, size_t limit)
{
	atomic_store(&group->limit, bounded(limit));
}

PUBLIC void kmem_group_set_callback(struct kmem_group *group, kmem_group_callback *callback,
				    void *data)
{
	atomic_store(&group->over, NULL);
	atomic_store(&group->over_data, data);
	atomic_store(&group->over, callback);
}

/* ---- Looking ---------------------------------------------------------------------------------- */

PUBLIC void kmem_group_read(struct kmem_group *group, struct kmem_group_counts *counts)
{
	int64_t limit = atomic_load(&group->limit);

	stocks_drain(NULL, true);
	*counts = (struct kmem_group_counts){
		.usage = (size_t)atomic_load(&group->usage),
		.peak = (size_t)atomic_load(&group->peak),
		.limit = limit == INT64_MAX / 2 ? KMEM_GROUP_UNLIMITED : (size_t)limit,
		.refusals = atomic_load(&group->refusals),
	};
}

static bool is_below(unsigned number, const struct kmem_group *group)
{
	const struct kmem_group *at = number != 0 ? groups[number] : NULL;

	while (at != NULL && at != group && group != NULL)
		at = at->parent;
	return at != NULL;
}

static size_t charged_objects(const struct page *slab, const struct kmem_group *group)
{
	const uint16_t *owners = owners_of(slab);
	size_t count = 0;

	for (unsigned i = 0; i < slab->layout->num && owners != NULL; i++)
		count += is_below(owners[i], group);
	return count;
}

/*
 * Full slabs may be on no list, so the descriptors are looked at. A slab of this node with
 * an object out stays one while the lock is held.
 */
static size_t charged_on_node(struct kmem_cache_node *n, const struct kmem_group *group)
{
	size_t count = 0;

	if (n->zone->node != n->node)           /* a source's: it is another's */
		return 0;
	lock_take(&n->list_lock);
	for (size_t i = 0; i < n->zone->committed_pages; i++) {
		const struct page *slab = &n->zone->map[i];

		if (node_active_of(n, slab) != 0)
			count += charged_objects(slab, group);
	}
	lock_drop(&n->list_lock);
	return count;
}

PUBLIC size_t kmem_group_cache_usage(const struct kmem_group *group, struct kmem_cache *cache)
{
	size_t count = 0;

	for (unsigned node = 0; node < topology.nodes; node++)
		count += charged_on_node(cache_nodes(cache)[node], group);
	return count * cache->layout.size;
}

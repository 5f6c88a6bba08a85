/*
 * charge.c: one object is charged, or uncharged.
 */
#include "account/group.h"

#include "os/thread.h"

enum kmem_group_verdict (*group_full_hook)(struct kmem_group *full, size_t bytes, gfp_t gfp,
					   unsigned attempt);

/* With a stock's worth more where there is room for it. */
static struct kmem_group *charge_with_stock(struct kmem_group *group, int64_t bytes)
{
	if (group_charge_up(group, bytes + STOCK_BYTES, false) != NULL)
		return group_charge_up(group, bytes, false);
	stock_give(group, STOCK_BYTES);
	return NULL;
}

/* The limit is near: no byte that nobody uses may stand in the way. */
static struct kmem_group *charge_exactly(struct kmem_group *group, int64_t bytes, gfp_t gfp)
{
	stocks_drain(NULL, (gfp & __GFP_DIRECT_RECLAIM) != 0);
	return group_charge_up(group, bytes, false);
}

bool group_charge(struct kmem_group *group, size_t object_bytes, gfp_t gfp)
{
	int64_t bytes = (int64_t)object_bytes;
	enum kmem_group_verdict verdict = KMEM_GROUP_RETRY;
	struct kmem_group *full;
	bool passes;

	if (stock_take(group, bytes))
		return true;
	passes = gfp_has_reserve(gfp);          /* an emergency's end is worth more than a limit */
	full = charge_with_stock(group, bytes);
	if (full != NULL && !passes)
		full = charge_exactly(group, bytes, gfp);
	for (unsigned attempt = 0; full != NULL && verdict == KMEM_GROUP_RETRY; attempt++) {
		verdict = passes ? KMEM_GROUP_PASS :
			  group_full_hook(full, object_bytes, gfp, attempt);
		if (verdict == KMEM_GROUP_RETRY)
			full = charge_exactly(group, bytes, gfp);
	}
	if (full != NULL && verdict == KMEM_GROUP_PASS)
		full = group_charge_up(group, bytes, true);
	if (full != NULL)
		atomic_fetch_add_explicit(&full->refusals, 1, memory_order_relaxed);
	return full == NULL;
}

void group_uncharge(struct kmem_group *group, size_t bytes)
{
	stock_give(group, (int64_t)bytes);
}

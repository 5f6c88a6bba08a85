/*
 * holes.c: see holes.h.
 *
 * Scattered frees leave slabs that stay for one object. Their other pages go: the free
 * objects there are taken, as an allocation would, the pages are purged without a lock,
 * and the objects are given back.
 */
#include "node/holes.h"

#include "os/ops.h"
#include "slab/holes.h"

static bool is_partial(const struct kmem_cache_node *n, const struct page *slab)
{
	unsigned active = node_active_of(n, slab);

	return active != 0 && active < n->layout->num;
}

/* The holes of a slab that has rested, held; 0 when there are none or it has not. */
static unsigned hold(struct kmem_cache_node *n, struct page *slab, struct held *held)
{
	unsigned pages;

	if (!is_partial(n, slab) || slab->stirred == SLAB_AT_REST)
		return 0;
	PAGE_SET(slab, stirred, (uint8_t)(slab->stirred - 1));
	pages = slab->stirred == SLAB_AT_REST ? slab_holes(n->layout, slab) : 0;
	if (pages == 0)
		return 0;
	holes_hold(n->layout, slab, pages, held);
	n->free_objects -= held->count;
	if (slab->active == n->layout->num)
		list_remove(&slab->list);       /* lazy: a full slab is on no list */
	return pages;
}

/* Meanwhile others may have given all the rest back. */
static void let_go(struct kmem_cache_node *n, struct page *slab, const struct held *held)
{
	bool was_full = slab->active == n->layout->num;

	holes_let_go(slab, held);
	n->free_objects += held->count;
	if (was_full || slab->active == 0)
		node_move_slab(n, slab);
}

/* Pages side by side go by one call. Returns how many went. */
static size_t purge(char *start, unsigned pages)
{
	size_t gone = 0;

	while (pages != 0) {
		unsigned from = (unsigned)__builtin_ctz(pages);
		unsigned count = (unsigned)__builtin_ctz(~(pages >> from));

		if (os_ops.purge(start + from * PAGE_BYTES, count * PAGE_BYTES) == 0)
			gone += count;
		pages &= ~(((1u << count) - 1) << from);
	}
	return gone;
}

size_t node_purge_holes(struct kmem_cache_node *n, struct page *slab)
{
	struct held held;
	unsigned pages;
	size_t gone;

	lock_take(&n->list_lock);
	pages = hold(n, slab, &held);
	lock_drop(&n->list_lock);
	if (pages == 0)
		return 0;
	gone = purge(page_address(slab), pages);
	lock_take(&n->list_lock);
	let_go(n, slab, &held);
	lock_drop(&n->list_lock);
	return gone;
}

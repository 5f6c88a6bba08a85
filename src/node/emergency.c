/*
 * emergency.c: see emergency.h.
 */
#include "node/emergency.h"

#include <errno.h>

#include "base/bits.h"
#include "os/ops.h"
#include "pages/source.h"

struct lock emergency_lock = LOCK_INIT(LOCK_RANK_NODE);
const char *emergency_base;
size_t emergency_bytes;

static struct list slabs = { &slabs, &slabs };  /* under the lock */
static struct kmem_source source = {
	.name = "reserve", .unit = PAGE_BYTES, .node = NUMA_NO_NODE,
};
static void *range;
static size_t range_bytes;

/* ---- The pages -------------------------------------------------------------------------- */

/* Where no array of a node takes objects. */
static int find_range(size_t bytes)
{
	int error;

	range_bytes = bytes + (RUN_PAGES_MAX << PAGE_SHIFT);
	error = apart_range(range_bytes, &range);
	if (error != 0)
		return error;
	source.base = (void *)align_up((size_t)range, RUN_PAGES_MAX << PAGE_SHIFT);
	source.bytes = bytes;
	error = os_ops.commit(source.base, bytes);
	if (error != 0)
		os_ops.unreserve(range, range_bytes);
	return error;
}

static void touch(char *start, size_t bytes)
{
	for (size_t at = 0; at < bytes; at += PAGE_BYTES)
		((volatile char *)start)[at] = 0;
}

/* All pages are free from the start: an atomic call brings none from away. */
int emergency_begin(size_t pages)
{
	int error = find_range(pages << PAGE_SHIFT);

	if (error != 0)
		return error;
	error = source_begin(&source);
	if (error != 0) {
		os_ops.unreserve(range, range_bytes);
		return error;
	}
	touch(source.base, source.bytes);
	while (source_more(source.zone, MAX_ORDER))
		;
	((struct zone *)source.zone)->emergency = true;
	emergency_base = source.base;
	__atomic_store_n(&emergency_bytes, source.bytes, __ATOMIC_RELEASE);
	return 0;
}

int emergency_end(void)
{
	struct zone *zone = source.zone;
	int error;

	if (zone == NULL)
		return 0;
	error = source_end(&source);
	if (error != 0)
		return error;
	zone->emergency = false;
	__atomic_store_n(&emergency_bytes, 0, __ATOMIC_RELAXED);
	os_ops.unreserve(range, range_bytes);
	return 0;
}

size_t emergency_free_pages(void)
{
	struct zone *zone = source.zone;
	size_t pages = 0;

	if (zone == NULL)
		return 0;
	lock_take(&zone->lock);
	pages = zone->free_pages;
	lock_drop(&zone->lock);
	return pages;
}

/* ---- The slabs ---------------------------------------------------------------------------- */

static struct page *slab_of(struct list *node)
{
	return list_entry(node, struct page, list);
}

/* Under the lock. */
static void *take_from(struct slab_layout *layout, struct page *slab)
{
	void *object = NULL;

	slab_take_objs(layout, slab, &object, 1);
	if (slab->active == layout->num)
		slab_note_full(layout, slab);
	return object;
}

static void *take_existing(struct slab_layout *layout)
{
	list_for_each(node, &slabs) {
		struct page *slab = slab_of(node);

		if (slab->layout == layout && slab->active < layout->num)
			return take_from(layout, slab);
	}
	return NULL;
}

static struct page *new_slab(struct slab_layout *layout, bool may_block)
{
	struct page *slab = zone_take(source.zone, layout->gfporder, may_block, NULL);

	if (slab != NULL && !slab_dress(layout, slab, 0, may_block)) {
		pages_free(slab);
		return NULL;
	}
	return slab;
}

/* As everywhere: made without the lock, then published (os/lock.h says why unordered). */
void *emergency_alloc(struct slab_layout *layout, bool may_block)
{
	struct page *slab;
	void *object;

	if (!emergency_exists() || layout->zone != NULL ||
	    !lock_take_if(&emergency_lock, may_block))
		return NULL;
	object = take_existing(layout);
	lock_drop(&emergency_lock);
	if (object != NULL)
		return object;
	slab = new_slab(layout, may_block);
	if (slab == NULL)
		return NULL;
	lock_take_unordered(&emergency_lock);
	list_add_head(&slabs, &slab->list);
	object = take_from(layout, slab);
	lock_drop(&emergency_lock);
	return object;
}

void emergency_free(void *object)
{
	struct page *slab = virt_to_head_page(object);
	bool is_empty;

	lock_take(&emergency_lock);
	slab_put_obj(slab->layout, slab, object);
	is_empty = slab->active == 0;
	if (is_empty)
		list_remove(&slab->list);
	lock_drop(&emergency_lock);
	if (is_empty)
		slab_release(slab);
}

size_t emergency_objects(const struct slab_layout *layout)
{
	size_t count = 0;

	lock_take(&emergency_lock);
	list_for_each(node, &slabs)
		if (slab_of(node)->layout == layout)
			count += slab_of(node)->active;
	lock_drop(&emergency_lock);
	return count;
}

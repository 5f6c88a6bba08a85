/*
 * node.c: three lists, one lock; take a batch, give a batch, grow when dry.
 */
#include "node/node.h"

#include "base/bits.h"
#include "base/check.h"
#include "debug/strict.h"
#include "os/topology.h"

void node_forget(struct kmem_cache_node *n)
{
	list_init(&n->slabs_partial);
	list_init(&n->slabs_free);
	list_init(&n->slabs_full);
	n->total_slabs = n->free_slabs = n->free_objects = 0;
}

void node_init(struct kmem_cache_node *n, struct slab_layout *layout, unsigned node)
{
	*n = (struct kmem_cache_node){ .layout = layout, .node = node };
	n->zone = layout->zone != NULL ? layout->zone : &zones[node];
	n->random = layout->shuffled ? random_number() : 0;
	lock_init(&n->list_lock, LOCK_RANK_NODE);
	node_forget(n);
}

static struct page *slab_of(struct list *list)
{
	return list_entry(list, struct page, list);
}

/* Partial slabs first, so that free ones can leave. */
static struct page *get_first_slab(struct kmem_cache_node *n)
{
	if (!list_empty(&n->slabs_partial))
		return slab_of(n->slabs_partial.next);
	n->free_touched = true;
	if (!list_empty(&n->slabs_free))
		return slab_of(n->slabs_free.next);
	return NULL;
}

/*
 * Objects were drawn from @slab, which is off the lists: put it where it belongs. With
 * lazy lists a full slab stays off them: nobody looks for it until an object returns.
 */
static void fixup_slab_list(struct kmem_cache_node *n, struct page *slab)
{
	if (slab->active == n->layout->num && n->layout->lazy_lists)
		return;
	if (slab->active == n->layout->num) {
		slab_note_full(n->layout, slab);
		list_add_head(&n->slabs_full, &slab->list);
	} else {
		list_add_head(&n->slabs_partial, &slab->list);
	}
}

/* What left the slabs, before it is anybody's. */
static void hand_out(struct kmem_cache_node *n, void **objects, unsigned count)
{
	if (n->random != 0)
		batch_shuffle(&n->random, objects, count);
	if (unlikely(n->layout->seal != 0))
		strict_taken(n->layout, objects, count);
}

unsigned node_take(struct kmem_cache_node *n, void **objects, unsigned count)
{
	unsigned taken = 0;

	while (taken < count) {
		struct page *slab = get_first_slab(n);

		if (slab == NULL)
			break;
		if (slab->active == 0)
			n->free_slabs--;
		__builtin_prefetch(slab->list.next, 1);
		list_remove(&slab->list);
		taken += slab_take_objs(n->layout, slab, objects + taken, count - taken);
		fixup_slab_list(n, slab);
	}
	n->free_objects -= taken;
	hand_out(n, objects, taken);
	return taken;
}

/*
 * From an object to its slab by arithmetic, runs being aligned to their size; kept in
 * registers for a batch.
 */
struct finder {
	const char *base;
	char *map;
	size_t slab_mask;               /* of the bytes within a slab */
};

static inline struct finder finder_of(const struct kmem_cache_node *n)
{
	const struct zone *zone = n->zone;

	return (struct finder){ zone->base, (char *)zone->map, slab_bytes(n->layout) - 1 };
}

static inline size_t offset_in_zone(const struct finder *finder, const void *object)
{
	return (size_t)((const char *)object - finder->base);
}

static inline struct page *slab_holding(const struct finder *finder, const void *object)
{
	size_t start = offset_in_zone(finder, object) & ~finder->slab_mask;

	/* A page's descriptor is a 64th of it: one shift is enough. */
	return (struct page *)(finder->map + start / (PAGE_BYTES / sizeof(struct page)));
}

COLD void node_move_slab(struct kmem_cache_node *n, struct page *slab)
{
	list_remove(&slab->list);
	if (slab->active == 0) {
		list_add_head(&n->slabs_free, &slab->list);
		n->free_slabs++;
	} else {
		list_add_tail(&n->slabs_partial, &slab->list);
	}
}

/* The slab, which must be ours, has got its object at @offset back. */
static inline void give_one(struct kmem_cache_node *n, const struct slab_layout *layout,
			    const struct finder *finder, void *object)
{
	struct page *slab = slab_holding(finder, object);

	slab_assert(slab->layout == layout && slab->active > 0);                      /* N4 */
	list_put(layout, slab, offset_in_zone(finder, object) & finder->slab_mask);
	if (layout->lazy_lists && slab->active != 0 && slab->active + 1u < layout->num)
		return;
	node_move_slab(n, slab);
}

static void give_listed(struct kmem_cache_node *n, void *const *objects, unsigned count)
{
	const struct finder finder = finder_of(n);

	for (unsigned i = 0; i < count; i++)
		give_one(n, n->layout, &finder, objects[i]);
}

/*
 * Descriptors that don't fit the second-level cache (of 256 KiB) come too late when they are
 * asked for one by one; of those that do, what is executed ahead brings enough.
 */
enum { NEAR_SLABS = 4096 };

static void fetch_descriptors(const struct finder *finder, void *const *objects, unsigned count)
{
	for (unsigned i = 0; i < count; i++)
		__builtin_prefetch(slab_holding(finder, objects[i]), 1);
}

/* The same with maps, lean: random objects come here by the million. */
static void give_mapped(struct kmem_cache_node *n, void *const *objects, unsigned count)
{
	const struct slab_layout *layout = n->layout;
	const struct finder finder = finder_of(n);
	unsigned inner = layout->num - 2;       /* 2 .. num - 1 objects taken: it stays */

	if (n->total_slabs > NEAR_SLABS)
		fetch_descriptors(&finder, objects, count);
	for (unsigned i = 0; i < count; i++) {
		struct page *slab = slab_holding(&finder, objects[i]);
		unsigned active = slab->active;

		slab_assert(slab->layout == layout);                                  /* N4 */
		map_put(layout, slab, offset_in_zone(&finder, objects[i]) & finder.slab_mask);
		if (unlikely(active - 2 >= inner))
			node_move_slab(n, slab);
	}
}

static void move_oldest_free(struct kmem_cache_node *n, struct list *surplus)
{
	struct list *oldest = n->slabs_free.prev;

	list_remove(oldest);
	list_add_tail(surplus, oldest);
	n->free_objects -= n->layout->num;
	n->free_slabs--;
	n->total_slabs--;
}

void node_give(struct kmem_cache_node *n, void *const *objects, unsigned count,
	       struct list *surplus)
{
	n->free_objects += count;
	if (n->layout->placement == FREELIST_MAP)
		give_mapped(n, objects, count);
	else
		give_listed(n, objects, count);
	if (surplus == NULL)
		return;
	while (n->free_objects > n->free_limit && !list_empty(&n->slabs_free))
		move_oldest_free(n, surplus);
}

size_t node_drain_free(struct kmem_cache_node *n, size_t max)
{
	struct list surplus;
	size_t count = 0;

	list_init(&surplus);
	lock_take(&n->list_lock);
	for (; count < max && !list_empty(&n->slabs_free); count++)
		move_oldest_free(n, &surplus);
	lock_drop(&n->list_lock);
	slabs_release(&surplus);
	return count;
}

void slabs_release(struct list *surplus)
{
	struct list *node;

	while ((node = list_pop_head(surplus)) != NULL)
		slab_release(slab_of(node));
}

/* The next colour of the node that the pages came from; it advances before its use. */
static bool next_colour(struct kmem_cache_node *n, bool may_block, unsigned *colour)
{
	if (!lock_take_if(&n->list_lock, may_block))
		return false;
	n->colour_next++;
	if (n->colour_next >= n->layout->colour)
		n->colour_next = 0;
	*colour = n->colour_next;
	lock_drop(&n->list_lock);
	return true;
}

/* Draw from the new slab and publish it. */
static unsigned publish(struct kmem_cache_node *n, struct page *slab, void **objects,
			unsigned count)
{
	unsigned taken = slab_take_objs(n->layout, slab, objects, count);

	hand_out(n, objects, taken);
	n->total_slabs++;
	n->free_objects += n->layout->num - taken;
	if (slab->active == 0) {
		list_add_tail(&n->slabs_free, &slab->list);
		n->free_slabs++;
	} else {
		fixup_slab_list(n, slab);
	}
	return taken;
}

/*
 * A caller that may not block tries the lock once, for the colour. After that it may
 * wait for it (os/lock.h).
 */
unsigned node_grow(struct kmem_cache_node *const *nodes, unsigned node, bool this_node,
		   bool may_block, void **objects, unsigned count)
{
	struct slab_layout *layout = nodes[node]->layout;
	struct page *slab = slab_pages(layout, node, this_node, may_block);
	struct kmem_cache_node *n;
	unsigned colour, taken;

	if (slab == NULL)
		return 0;
	n = nodes[page_node(slab)];
	if (!next_colour(n, may_block, &colour) ||
	    !slab_dress(layout, slab, colour, may_block)) {
		slab_pages_free(layout, slab);
		return 0;
	}
	lock_take_unordered(&n->list_lock);
	taken = publish(n, slab, objects, count);
	lock_drop(&n->list_lock);
	return taken;
}

static bool is_slab_of(const struct kmem_cache_node *n, const struct page *slab)
{
	return __atomic_load_n(&slab->state, __ATOMIC_ACQUIRE) == PAGE_SLAB &&
	       __atomic_load_n(&slab->layout, __ATOMIC_ACQUIRE) == n->layout;
}

/*
 * The lock keeps only slabs with objects taken: one that is being grown or released has none.
 * It may be another cache's between two looks, so objects count only if it is ours before
 * and after.
 */
unsigned node_active_of(const struct kmem_cache_node *n, const struct page *slab)
{
	unsigned active;

	if (!is_slab_of(n, slab))
		return 0;
	active = __atomic_load_n(&slab->active, __ATOMIC_ACQUIRE);
	return is_slab_of(n, slab) ? active : 0;
}

static size_t check_list(struct kmem_cache_node *n, struct list *list, unsigned least,
			 unsigned most, size_t *free_objects)
{
	size_t slabs = 0;

	list_for_each(node, list) {
		struct page *slab = slab_of(node);

		slab_assert(slab->layout == n->layout && page_zone(slab) == n->zone);      /* N4 */
		slab_check(slab);
		slab_assert(slab->active >= least && slab->active <= most);           /* N1 */
		*free_objects += n->layout->num - slab->active;
		slabs++;
	}
	return slabs;
}

void node_check(struct kmem_cache_node *n)
{
	size_t free_objects = 0, slabs, free_slabs;
	unsigned num = n->layout->num;

	lock_take(&n->list_lock);
	free_slabs = check_list(n, &n->slabs_free, 0, 0, &free_objects);
	slabs = free_slabs + check_list(n, &n->slabs_full, num, num, &free_objects);
	slabs += check_list(n, &n->slabs_partial, 1, num - 1, &free_objects);
	slab_assert(free_objects == n->free_objects);                                 /* N2 */
	slab_assert(slabs == n->total_slabs || (n->layout->lazy_lists && slabs <= n->total_slabs));
	slab_assert(free_slabs == n->free_slabs);                                     /* N5 */
	lock_drop(&n->list_lock);
}

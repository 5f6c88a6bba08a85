/*
 * node.h: the slabs of one cache on one NUMA node.
 *
 *               first object taken              last object taken
 *      +------+ ---------------------> +---------+ ------------> +------+
 *      | free |                        | partial |               | full |
 *      +------+ <--------------------- +---------+ <------------ +------+
 *       |    ^    last one given back            one given back
 *  reap v    | grow
 *     page allocator
 *
 * True whenever the lock is free (node_check walks them):
 *   N1  a slab is on exactly one list, and active says which:
 *       0 free, 1..num-1 partial, num full. (lazy_lists, the fast profile: full slabs
 *       are on none, and a slab moves only when it ceases to be full or becomes free.)
 *   N2  free_objects is the sum of (num - active) over all slabs.
 *   N3  an object held by an array counts as taken.
 *   N4  every slab listed here has pages of `zone`: this node's own, or the source's
 *       that the cache was made with (then other nodes have none).
 *   N5  total_slabs and free_slabs count the lists.
 *
 * No constructor, page allocation or release runs under this lock: slabs to be
 * released are collected on a list of the caller's.
 */
#ifndef NODE_NODE_H
#define NODE_NODE_H

#include "arch/array_cache.h"
#include "os/lock.h"
#include "slab/slab.h"

struct alien_cache {
	struct lock lock;               /* LOCK_RANK_ALIEN */
	struct array_cache *array;
};

struct kmem_cache_node {
	struct lock list_lock;          /* LOCK_RANK_NODE; all below but the last five */
	unsigned colour_next;           /* colour of the slab grown last */
	uint32_t hits;                  /* of its CPUs' arrays, from below, since they were last summed */
	uint32_t swings;                /* objects that speak for larger arrays: cpu/adapt.h */
	struct list slabs_partial;      /* refill looks here first, */
	struct list slabs_free;         /* then here; give-back takes from its tail */
	struct list slabs_full;
	size_t total_slabs;
	size_t free_slabs;
	size_t free_objects;            /* N2 */
	size_t free_limit;              /* above it whole free slabs leave */
	struct array_cache *shared;     /* between the node's CPUs; NULL: none, or none yet */
	unsigned shared_limit;          /* what it holds, made or not; 0: there shall be none */
	bool free_touched;              /* free slabs were needed since the last reap */
	uint64_t next_reap_ms;

	struct alien_cache *alien;      /* [node]; NULL: one node, or switched off */
	struct slab_layout *layout;
	struct zone *zone;              /* where its pages are from */
	unsigned node;
	uint64_t random;                /* what batches are shuffled by; 0: they are not */
};

/* ---- node.c ------------------------------------------------------------------ */

void node_init(struct kmem_cache_node *n, struct slab_layout *layout, unsigned node);

/* It never had a slab: in a fork child that does not own them. */
void node_forget(struct kmem_cache_node *n);

/* Take up to @count objects, partial slabs first. Under the lock. Returns how many. */
unsigned node_take(struct kmem_cache_node *n, void **objects, unsigned count);

/*
 * The kernel's free_block: each object goes to its slab; then, while more than
 * free_limit objects are free, free slabs move to @surplus (NULL: they stay). Under
 * the lock.
 */
void node_give(struct kmem_cache_node *n, void *const *objects, unsigned count,
	       struct list *surplus);

/*
 * To the list where it belongs now that it is not full: an empty slab to the head of the
 * free list, a used one to the partial's tail. Under the lock.
 */
COLD void node_move_slab(struct kmem_cache_node *n, struct page *slab);

/* Up to @max free slabs leave, oldest first. Takes the lock. Returns how many left. */
size_t node_drain_free(struct kmem_cache_node *n, size_t max);

/* Release what node_give collected. Called without locks. */
void slabs_release(struct list *surplus);

/*
 * A new slab from @n's node, or near it unless @this_node. Its first @count objects
 * go to @objects, the slab to the node it landed on. Called without locks.
 * Returns how many objects were taken, 0 when refused.
 */
unsigned node_grow(struct kmem_cache_node *const *nodes, unsigned node, bool this_node,
		   bool may_block, void **objects, unsigned count);

/* How many objects of @slab, any descriptor of the zone, are out if it is @n's; else 0. Under the lock. */
unsigned node_active_of(const struct kmem_cache_node *n, const struct page *slab);

/* Walk N1 to N5 and every slab. Takes the lock. */
void node_check(struct kmem_cache_node *n);

/* ---- shared.c: the array between a node's CPUs, under the node's lock ----------- */

/* @array, or the one that shared_ensure will make, is between the CPUs. Under the lock. */
static inline void shared_set(struct kmem_cache_node *n, struct array_cache *array, unsigned limit)
{
	__atomic_store_n(&n->shared, array, __ATOMIC_RELAXED);
	__atomic_store_n(&n->shared_limit, limit, __ATOMIC_RELAXED);
}

COLD void shared_make(struct kmem_cache_node *n);

/* Before something is given: what is between the CPUs is made now, if memory allows. Without the lock. */
static inline void shared_ensure(struct kmem_cache_node *n)
{
	if (unlikely(__atomic_load_n(&n->shared, __ATOMIC_RELAXED) == NULL) &&
	    __atomic_load_n(&n->shared_limit, __ATOMIC_RELAXED) != 0)
		shared_make(n);
}

/* Take up to @count from the top, in order. */
unsigned shared_take(struct kmem_cache_node *n, void **objects, unsigned count);

/* Give what fits; returns how many it took (the first ones of @objects). */
unsigned shared_give(struct kmem_cache_node *n, void *const *objects, unsigned count);

/* ---- alien.c ------------------------------------------------------------------- */

/* Park @object, of node @home, in @n's alien cache; sends the others home if full. */
void alien_push(struct kmem_cache_node *const *nodes, struct kmem_cache_node *n,
		unsigned home, void *object);

/* Everything @n holds for @home goes home. */
void alien_drain(struct kmem_cache_node *const *nodes, struct kmem_cache_node *n,
		 unsigned home);

/* ---- reap.c -------------------------------------------------------------------- */

/* Objects that left arrays because nobody touched them. */
extern counter_t objects_reaped;

/* How many objects of an array that nobody touched a reap takes. */
unsigned reap_share(const struct array_cache *array);

/* The node's own part of a reap round: shared array and free slabs. */
void node_reap(struct kmem_cache_node *n);

/* How many slabs a reap takes: the objects of a fifth of free_limit. */
size_t reap_slabs(const struct kmem_cache_node *n);

#endif

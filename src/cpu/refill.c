/*
 * refill.c: the array gave no object.
 *
 * The one door out of the alloc hit. Through it come: an empty array; a thread's first
 * call; a CPU seen for the first time; __GFP_ZERO; a sequence that was aborted; a
 * thread without sequences; an array that is parked; every call of a cache with hooks.
 *
 * We may migrate at any instruction, even to another node. So a batch is ours alone
 * until it is put, and only a CPU of the batch's own node accepts it.
 */
#include <errno.h>
#include <string.h>

#include "base/bits.h"
#include "base/probe.h"
#include "cpu/adapt.h"
#include "cpu/hooked.h"
#include "cpu/strays.h"
#include "cpu/watch.h"
#include "debug/guard.h"
#include "debug/sample.h"
#include "node/emergency.h"
#include "os/place.h"

/*
 * BATCHREFILL_LIMIT of Linux: an array that was not used since the last reap gets
 * this many at most, so that a cache that sees one allocation an hour stays small.
 */
enum { BATCHREFILL_LIMIT = 16 };

void (*cpu_miss_hook)(void);
bool (*cpu_reclaim_hook)(gfp_t gfp, unsigned attempt);

void give_to_node(struct kmem_cache_node *n, void *const *objects, unsigned count)
{
	struct list surplus;

	if (count == 0)
		return;
	list_init(&surplus);
	lock_take(&n->list_lock);
	node_give(n, objects, count, &surplus);
	lock_drop(&n->list_lock);
	slabs_release(&surplus);
}

/*
 * The same without releasing a slab: a caller that may not block may have interrupted
 * the holder of a lock further down.
 */
static void keep_in_node(struct kmem_cache_node *n, void *const *objects, unsigned count)
{
	if (count == 0)
		return;
	lock_take_unordered(&n->list_lock);
	node_give(n, objects, count, NULL);
	lock_drop(&n->list_lock);
}

/* In a cache with samples each object but the caller's needs its ticket. */
static unsigned batch_wanted(struct cpu_arrays *cpu, const struct glance *seen)
{
	unsigned batch = batch_of(cpu, seen, false);

	if (cpu_samples(cpu))
		batch = tickets_left(cpu, (unsigned)min_size(batch, BATCH_MAX) - 1) + 1;
	return seen->idle ? (unsigned)min_size(batch, BATCHREFILL_LIMIT) : batch;
}

/*
 * What is there: the shared array's, else the slabs'. False when the lock is busy. @seen:
 * for an array that looked so; NULL for no array.
 */
static bool take_existing(struct cpu_arrays *cpu, struct kmem_cache_node *n, gfp_t gfp,
			  void **objects, unsigned count, const struct glance *seen,
			  unsigned *taken)
{
	if (!lock_take_if(&n->list_lock, gfp_may_block(gfp)))
		return false;
	if (seen != NULL)
		note_miss(cpu, n, seen, false);
	*taken = shared_take(n, objects, count);
	if (*taken == 0 && n->free_objects != 0)
		*taken = node_take(n, objects, count);
	lock_drop(&n->list_lock);
	return true;
}

/* The same, with a new slab when all is dry. */
static unsigned take_batch(struct cpu_arrays *cpu, struct kmem_cache_node *n, gfp_t gfp,
			   void **objects, unsigned count, const struct glance *seen)
{
	unsigned taken = 0;

	if (!take_existing(cpu, n, gfp, objects, count, seen, &taken))
		return 0;
	if (taken == 0)
		taken = node_grow(cpu->nodes, n->node, true, gfp_may_block(gfp), objects, count);
	return taken;
}

/*
 * Put a batch into this CPU's array, which is touched thereby, even by an empty one
 * (the one object that came went straight to the caller). What does not fit (we moved
 * to a CPU with a full array, or of another node) goes back to the slabs.
 */
static void put_batch(struct cpu_arrays *cpu, struct kmem_cache_node *n, gfp_t gfp,
		      void *const *objects, unsigned count)
{
	bool samples = cpu_samples(cpu);
	unsigned allowed = samples ? tickets_take(cpu, count) : count, stored = 0;

	array_put(cpu, objects, allowed, n->node, CLEAR_IDLE, &stored);
	if (unlikely(samples))
		tickets_return(cpu, thread_slot(), (int)(allowed - stored));
	if (likely(stored == count))
		return;
	if (gfp_may_block(gfp))
		give_to_node(n, objects + stored, count - stored);
	else
		keep_in_node(n, objects + stored, count - stored);
}

/*
 * The shared array holds more than the buffer and more is wanted: in one piece, straight
 * into our array, since pieces from its top would arrive in reverse. What does not fit
 * stays. Returns the topmost object, NULL when it is not so.
 */
static void *take_large(struct cpu_arrays *cpu, struct kmem_cache_node *n, gfp_t gfp,
			unsigned batch, const struct glance *seen)
{
	struct array_cache *shared;
	void *object = NULL;

	if (batch <= BATCH_MAX || !lock_take_if(&n->list_lock, gfp_may_block(gfp)))
		return NULL;
	shared = n->shared;
	if (shared != NULL && shared->avail >= BATCH_MAX) {
		unsigned count = (unsigned)min_size(batch, shared->avail) - 1, stored = 0;
		void **first = &shared->entry[shared->avail - 1 - count];

		note_miss(cpu, n, seen, false);
		object = first[count];
		array_put(cpu, first, count, n->node, CLEAR_IDLE, &stored);
		memmove(first, first + stored, (count - stored) * sizeof(void *));
		shared->avail -= stored + 1;
		shared->idle = 0;
	}
	lock_drop(&n->list_lock);
	return object;
}

/*
 * The caller gets the object that was taken last, as if all had been pushed and one
 * popped; a batch larger than the buffer is moved in pieces.
 */
static void *refill(struct cpu_arrays *cpu, gfp_t gfp)
{
	struct glance seen = array_glance(cpu);
	unsigned batch = batch_wanted(cpu, &seen), taken;
	struct kmem_cache_node *n = this_node(cpu);
	void *buffer[BATCH_MAX], *object = take_large(cpu, n, gfp, batch, &seen);

	counter_add(&cpu->refills, 1);
	if (object != NULL)
		return object;
	if (gfp_may_block(gfp))
		cpu_find_strays(cpu, batch);
	taken = take_batch(cpu, n, gfp, buffer, (unsigned)min_size(batch, BATCH_MAX), &seen);
	PROBE(refill, cpu->layout->name, cpu->layout->size, n->node, taken);
	while (taken != 0) {
		if (object != NULL)
			put_batch(cpu, n, gfp, &object, 1);
		object = buffer[taken - 1];
		put_batch(cpu, n, gfp, buffer, taken - 1);
		batch -= taken;
		if (taken < BATCH_MAX || batch == 0)
			break;          /* a source that gives less has no more */
		taken = 0;
		take_existing(cpu, n, gfp, buffer, (unsigned)min_size(batch, BATCH_MAX), NULL,
			      &taken);
	}
	if (array_should_grow(cpu, n, &seen) && gfp_may_block(gfp))
		cpu_grow_array(cpu, n);
	return object;
}

/* Our node is full: one object of the nearest other node that has any, or can grow. */
static void *alloc_elsewhere(struct cpu_arrays *cpu, gfp_t gfp)
{
	unsigned here = this_node(cpu)->node;
	void *object;

	for (unsigned i = 1; i < topology.nodes; i++) {
		struct kmem_cache_node *n = cpu->nodes[(here + i) % topology.nodes];

		if (take_batch(cpu, n, gfp, &object, 1, NULL) == 1)
			return object;
	}
	return NULL;
}

/* Past the arrays: one object, for a thread that may not touch them. */
static void *alloc_direct(struct cpu_arrays *cpu, gfp_t gfp)
{
	void *object;

	if (take_batch(cpu, this_node(cpu), gfp, &object, 1, NULL) == 1)
		return object;
	return NULL;
}

static void *alloc_any_way(struct cpu_arrays *cpu, gfp_t gfp)
{
	void *object;

	if (cpu_limit(cpu) == 0)
		return alloc_direct(cpu, gfp);
	switch (array_pop(cpu, &object)) {
	case SEQ_DONE:
		return object;
	case SEQ_ABORTED:
		return alloc_direct(cpu, gfp);
	case SEQ_EMPTY:
		break;
	}
	if (!cpu_own_array(cpu, gfp_may_block(gfp)))
		return alloc_direct(cpu, gfp);
	return refill(cpu, gfp);
}

static void *alloc_with_fallback(struct cpu_arrays *cpu, gfp_t gfp)
{
	void *object = alloc_any_way(cpu, gfp);

	if (unlikely(object == NULL) && !(gfp & __GFP_THISNODE))
		object = alloc_elsewhere(cpu, gfp);
	return object;
}

static void *alloc_of_node(struct cpu_arrays *cpu, gfp_t gfp, unsigned node)
{
	struct kmem_cache_node *n = cpu->nodes[node];
	void *object;

	if (!lock_take_if(&n->list_lock, gfp_may_block(gfp)))
		return NULL;
	if (node_take(n, &object, 1) == 0)
		object = NULL;
	lock_drop(&n->list_lock);
	if (object == NULL)
		node_grow(cpu->nodes, node, true, gfp_may_block(gfp), &object, 1);
	return object;
}

/*
 * Slabs of a node whose memory ran out may lie elsewhere: no matter to most, but to some.
 * Where a page source's memory lies is its own affair.
 */
static void *alloc_strictly(struct cpu_arrays *cpu, gfp_t gfp, unsigned node)
{
	void *object = alloc_of_node(cpu, gfp, node);

	if (object == NULL || cpu->layout->zone != NULL ||
	    lies_on_node(object, cpu->layout->size, node))
		return object;
	keep_in_node(cpu->nodes[node], &object, 1);
	return NULL;
}

/* Nothing left: let others give, then try again. @node is -1 for any. */
static void *alloc_after_reclaim(struct cpu_arrays *cpu, gfp_t gfp, int node)
{
	void *object = NULL;

	if (!gfp_may_block(gfp) || cpu_reclaim_hook == NULL)
		return NULL;
	for (unsigned attempt = 0; object == NULL && cpu_reclaim_hook(gfp, attempt); attempt++) {
		if (node < 0)
			object = alloc_with_fallback(cpu, gfp);
		else
			object = alloc_strictly(cpu, gfp, (unsigned)node);
	}
	return object;
}

/* What every allocation that was no hit ends with. */
static void *finish(struct cpu_arrays *cpu, gfp_t gfp, void *object)
{
	if (unlikely(object == NULL)) {
		errno = ENOMEM;
		return NULL;
	}
	if (cpu_miss_hook != NULL && gfp_may_block(gfp)) {
		int kept_errno = errno;

		cpu_miss_hook();
		errno = kept_errno;
	}
	if (gfp & __GFP_ZERO)
		memset(object, 0, object_size_of(cpu->layout));
	return object;
}

/* What only these callers get: it comes before reclaim, which they may be a part of. */
static void *alloc_reserved(struct cpu_arrays *cpu, gfp_t gfp)
{
	if (!gfp_has_reserve(gfp))
		return NULL;
	return emergency_alloc(cpu->layout, gfp_may_block(gfp));
}

static void *alloc_slowly(struct cpu_arrays *cpu, gfp_t gfp)
{
	int kept_errno = errno;
	void *object = alloc_with_fallback(cpu, gfp);

	if (unlikely(object == NULL))
		object = alloc_reserved(cpu, gfp);
	if (unlikely(object == NULL))
		object = alloc_after_reclaim(cpu, gfp, -1);
	errno = kept_errno;
	return finish(cpu, gfp, object);
}

static void *alloc_at_door(struct cpu_arrays *cpu, gfp_t gfp, const void *caller)
{
	if (unlikely(cpu_is_hooked(cpu, gfp)))
		return cpu_alloc_hooked(cpu, gfp, object_size_of(cpu->layout), -1, caller);
	if (guard_is_due() && gfp_may_block(gfp) && cpu->layout->zone == NULL) {
		void *object = guard_alloc(cpu->layout, object_size_of(cpu->layout), caller);

		if (object != NULL)
			return finish(cpu, gfp, object);
	}
	return alloc_slowly(cpu, gfp);
}

/*
 * What the array can serve is no miss, whatever brought it here (cleared memory, arrays under
 * locks). What it can't takes a ticket; hooked.c does that for caches with hooks.
 */
static COLD void *alloc_watched(struct cpu_arrays *cpu, gfp_t gfp, const void *caller)
{
	bool is_hooked = cpu_is_hooked(cpu, gfp), picked;
	uint64_t begin;
	void *object;

	if (!is_hooked && cpu_limit(cpu) != 0 && array_pop(cpu, &object) == SEQ_DONE)
		return finish(cpu, gfp, object);
	picked = !is_hooked && cpu_samples(cpu) && ticket_is_drawn(cpu);
	begin = watch_begin();
	object = alloc_at_door(cpu, gfp, caller);
	watch_end(cpu, WATCH_ALLOC, begin);
	if (unlikely(picked) && object != NULL)
		sample_note(object, object_size_of(cpu->layout), caller);
	return object;
}

void *cpu_alloc_slow(const void *base, gfp_t gfp, const void *caller)
{
	struct cpu_arrays *cpu = cpu_of_base(base);

	if (unlikely(watch_of(cpu) != NULL))
		return alloc_watched(cpu, gfp, caller);
	return alloc_at_door(cpu, gfp, caller);
}

static void *alloc_on_node(struct cpu_arrays *cpu, gfp_t gfp, unsigned node)
{
	bool strictly = (gfp & __GFP_THISNODE) != 0;
	void *object = strictly ? alloc_strictly(cpu, gfp, node) : alloc_of_node(cpu, gfp, node);

	if (object == NULL && !strictly)
		return alloc_slowly(cpu, gfp);
	if (object == NULL)
		object = alloc_after_reclaim(cpu, gfp, (int)node);
	return finish(cpu, gfp, object);
}

void *cpu_alloc_plain(struct cpu_arrays *cpu, gfp_t gfp, int node)
{
	thread_mode();
	return node < 0 ? alloc_slowly(cpu, gfp) : alloc_on_node(cpu, gfp, (unsigned)node);
}

void *cpu_alloc_node(struct cpu_arrays *cpu, gfp_t gfp, int node, const void *caller)
{
	void *object;

	if (unlikely(!node_exists(node))) {
		errno = EINVAL;
		return NULL;
	}
	if (unlikely(cpu_is_hooked(cpu, gfp)))
		return cpu_alloc_hooked(cpu, gfp, object_size_of(cpu->layout), node, caller);
	thread_mode();
	if (this_node(cpu)->node == (unsigned)node && !(gfp & __GFP_THISNODE))
		return cpu_alloc_either(cpu, gfp, true, caller);
	object = alloc_on_node(cpu, gfp, (unsigned)node);
	if (cpu_samples(cpu) && ticket_is_drawn(cpu) && object != NULL)
		sample_note(object, object_size_of(cpu->layout), caller);
	return object;
}

void *cpu_alloc_aborted(const void *base, gfp_t gfp, const void *caller)
{
	counter_add(&seq_aborts[SEQ_POP], 1);
	return cpu_alloc_slow(base, gfp, caller);
}

/*
 * flush.c: the array took no object.
 *
 * The one door out of the free hit. Through it come: a full array; NULL; an object of
 * another node; a thread's first call; an aborted sequence; a thread without
 * sequences; a parked array; every call of a cache with hooks; and pointers that are no
 * object at all, which end here.
 *
 * The kernel takes the oldest objects from the bottom and slides the rest down. Done
 * in place that is no sequence: aborted half way it would leave a torn array. So the
 * array is taken whole (one commit), split in private, and the younger part put back
 * (one commit). Another thread on this CPU may see the array empty in between: it
 * refills, and what then does not fit goes to the slabs. An array that is too large for a
 * buffer on the stack gives its youngest instead.
 */
#include <errno.h>

#include "account/account.h"
#include "base/bits.h"
#include "base/check.h"
#include "base/probe.h"
#include "cpu/adapt.h"
#include "cpu/hooked.h"
#include "cpu/watch.h"
#include "debug/guard.h"
#include "debug/sample.h"
#include "debug/strict.h"
#include "node/emergency.h"
#include "pages/source.h"
#include "slab/hooks.h"

/* The first ones go to the shared array as far as it has room; where it has none, all to their slabs. */
static unsigned flush_some(struct cpu_arrays *cpu, struct kmem_cache_node *n,
			   void *const *objects, unsigned count, const struct glance *seen)
{
	struct list surplus;
	unsigned shared;

	list_init(&surplus);
	shared_ensure(n);
	lock_take(&n->list_lock);
	if (seen != NULL)
		note_miss(cpu, n, seen, true);
	shared = shared_give(n, objects, count);
	if (shared == 0)
		node_give(n, objects, count, &surplus);
	lock_drop(&n->list_lock);
	slabs_release(&surplus);
	count = shared != 0 ? shared : count;
	PROBE(flush, cpu->layout->name, cpu->layout->size, n->node, count);
	return count;
}

/* Returns how many found room. */
static unsigned put_back(struct cpu_arrays *cpu, struct kmem_cache_node *n,
			 void *const *objects, unsigned count)
{
	unsigned stored = 0;

	array_put(cpu, objects, count, n->node, KEEP_IDLE, &stored);
	give_to_node(n, objects + stored, count - stored);
	return stored;
}

static struct kmem_cache_node *node_of_object(const struct cpu_arrays *cpu, const void *object)
{
	return cpu->nodes[topology.nodes == 1 ? 0 : zone_of(object)->node];
}

/* Returns false when the array could not be taken: too large for the buffer, or busy. */
static bool flush_and_push(struct cpu_arrays *cpu, void *object)
{
	struct kmem_cache_node *n = node_of_object(cpu, object);
	struct glance seen = array_glance(cpu);
	void *buffer[BATCH_MAX + 1];
	unsigned count = 0, flushed, batch, held, stored;

	if (array_take_all(cpu, buffer, BATCH_MAX, &count) != SEQ_DONE)
		return false;
	counter_add(&cpu->flushes, 1);
	held = count;
	buffer[count++] = object;
	if (topology.nodes > 1 && node_of_object(cpu, buffer[0]) != n)
		n = node_of_object(cpu, buffer[0]);     /* we moved between nodes */
	batch = (unsigned)min_size(batch_of(cpu, &seen, true), count - 1);
	flushed = flush_some(cpu, n, buffer, batch, &seen);
	if (node_of_object(cpu, object) != n) {
		give_to_node(node_of_object(cpu, object), &object, 1);
		count--;
	}
	stored = put_back(cpu, n, buffer + flushed, count - flushed);
	if (cpu_samples(cpu))
		tickets_return(cpu, thread_slot(), (int)held - (int)stored);
	return true;
}

/* To the shared array as far as it has room, the others to their slabs. */
static void flush_all(struct cpu_arrays *cpu, void *const *objects, unsigned count,
		      const struct glance *seen)
{
	struct kmem_cache_node *n = node_of_object(cpu, objects[0]);
	unsigned flushed = flush_some(cpu, n, objects, count, seen);

	give_to_node(n, objects + flushed, count - flushed);
}

/*
 * An array too large for the buffer gives its youngest, a buffer full at a time: only from
 * the top can something be taken in one commit.
 */
static bool flush_youngest(struct cpu_arrays *cpu, void *object)
{
	struct glance seen = array_glance(cpu);
	unsigned batch = batch_of(cpu, &seen, true), left = batch, count;
	void *buffer[BATCH_MAX];

	for (; left != 0; left -= count) {
		count = array_pop_some(cpu, buffer, (unsigned)min_size(left, BATCH_MAX));
		if (count == 0)
			break;
		flush_all(cpu, buffer, count, left == batch ? &seen : NULL);
	}
	if (left == batch)
		return false;
	counter_add(&cpu->flushes, 1);
	left += put_back(cpu, node_of_object(cpu, object), &object, 1);
	if (cpu_samples(cpu))
		tickets_return(cpu, thread_slot(), (int)batch - (int)left);
	return true;
}

static bool is_remote(const struct cpu_arrays *cpu, const void *object)
{
	return topology.nodes > 1 && zone_of(object)->node != this_node(cpu)->node;
}

/*
 * The hit goes by address windows; where two nodes share one (no free window was to
 * be had) it always refuses, and the node decides here.
 */
static bool push_by_node(struct cpu_arrays *cpu, void *object)
{
	if (cpu_samples(cpu) && !ticket_take(cpu))
		return false;
	if (array_put_one(cpu, object, node_of_object(cpu, object)->node) == SEQ_DONE)
		return true;
	if (cpu_samples(cpu))
		tickets_return(cpu, thread_slot(), 1);
	return false;
}

/* The array is full, or was when we looked. */
static void free_into_full(struct cpu_arrays *cpu, void *object)
{
	if (!flush_and_push(cpu, object) && !flush_youngest(cpu, object))
		give_to_node(node_of_object(cpu, object), &object, 1);
}

/* No ticket left: the array shall run dry, since the allocation after that is a sample. */
static void free_sampled(struct cpu_arrays *cpu, void *object)
{
	if (cpu_limit(cpu) == 0 || tickets_left(cpu, 1) == 0) {
		give_to_node(node_of_object(cpu, object), &object, 1);
		return;
	}
	if (!push_by_node(cpu, object) &&
	    !(cpu_own_array(cpu, true) && push_by_node(cpu, object)))
		free_into_full(cpu, object);
}

static void free_home(struct cpu_arrays *cpu, void *object)
{
	if (unlikely(cpu_samples(cpu))) {
		free_sampled(cpu, object);
		return;
	}
	switch (cpu_limit(cpu) == 0 ? SEQ_ABORTED : array_push(cpu, object)) {
	case SEQ_DONE:
		return;
	case SEQ_ABORTED:
		give_to_node(node_of_object(cpu, object), &object, 1);
		return;
	case SEQ_EMPTY:
		break;
	}
	if (cpu_own_array(cpu, true) && push_by_node(cpu, object))
		return;
	free_into_full(cpu, object);
}

/* A free must not be refused; one that is impossible is a bug of the caller. */
static void check_is_ours(const struct cpu_arrays *cpu, const void *object)
{
	const struct page *slab = virt_to_head_page(object);

	if (slab == NULL || slab->state != PAGE_SLAB)
		slab_panic("free of %p, which is in no slab", object);
	if (slab->layout != cpu->layout)
		slab_panic("free of %p, which belongs to another cache", object);
}

/* Straight to its slab, where a second free finds it. */
static void free_strictly(struct cpu_arrays *cpu, void *object)
{
	strict_check(cpu->layout, object);
	give_to_node(node_of_object(cpu, object), &object, 1);
}

/* A cache with hooks has no arrays: its objects go by the whole road, later. */
bool cpu_free_at_once(struct cpu_arrays *cpu, void *object)
{
	struct kmem_cache_node *n = node_of_object(cpu, object);

	if (cpu_limit(cpu) == 0 || emergency_owns(object))
		return false;
	if (cpu_samples(cpu))
		sample_forget(object);
	thread_mode();
	if (!is_remote(cpu, object) && array_push(cpu, object) == SEQ_DONE)
		return true;
	if (!lock_try(&n->list_lock))
		return false;
	if (unlikely(cpu->layout->seal != 0))
		strict_check(cpu->layout, object);
	node_give(n, &object, 1, NULL);
	lock_drop(&n->list_lock);
	return true;
}

void cpu_free_hooked(struct cpu_arrays *cpu, void *object, const void *caller)
{
	if (cpu_samples(cpu))
		sample_forget(object);
	if (guard_owns(object)) {
		guard_free(cpu->layout, object, caller);
		return;
	}
	if (unlikely(cpu->layout->zone != NULL) && zone_is_closed(cpu->layout->zone))
		return;         /* our parent's */
	if (unlikely(hooks_of(cpu->layout) != NULL) && !cpu_may_free(cpu, object, caller))
		return;
	check_is_ours(cpu, object);
	thread_mode();
	account_disown(cpu->layout, object);
	if (emergency_owns(object))
		emergency_free(object);
	else if (unlikely(cpu->layout->seal != 0))
		free_strictly(cpu, object);
	else if (is_remote(cpu, object))
		alien_push(cpu->nodes, this_node(cpu), zone_of(object)->node, object);
	else
		free_home(cpu, object);
}

/* As a hit, of a cache whose frees leave by the door all the same; false: it is a miss. */
static bool free_into_array(struct cpu_arrays *cpu, void *object)
{
	return cpu_limit(cpu) != 0 && hooks_of(cpu->layout) == NULL && cpu->layout->seal == 0 &&
	       !guard_owns(object) && !emergency_owns(object) && zone_of(object) != NULL &&
	       push_by_node(cpu, object);
}

/* Returns whether it was a miss. */
static bool free_watched(struct cpu_arrays *cpu, void *object, const void *caller)
{
	uint64_t begin;

	if (cpu_samples(cpu))
		sample_forget(object);
	if (free_into_array(cpu, object))
		return false;
	begin = watch_begin();
	cpu_free_hooked(cpu, object, caller);
	watch_end(cpu, WATCH_FREE, begin);
	return true;
}

void cpu_free_quiet(struct cpu_arrays *cpu, void *object)
{
	cpu_free_hooked(cpu, object, __builtin_return_address(0));
}

void cpu_free_slow(const void *base, void *object)
{
	const void *caller = __builtin_return_address(0);
	struct cpu_arrays *cpu = cpu_of_base(base);
	int kept_errno = errno;

	if (object == NULL)
		return;
	if (likely(watch_of(cpu) == NULL))
		cpu_free_hooked(cpu, object, caller);
	else if (!free_watched(cpu, object, caller))
		return;
	if (cpu_miss_hook != NULL)
		cpu_miss_hook();
	errno = kept_errno;
}

void cpu_free_aborted(const void *base, void *object)
{
	counter_add(&seq_aborts[SEQ_PUSH], 1);
	cpu_free_slow(base, object);
}

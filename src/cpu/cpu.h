/*
 * cpu.h: the part of a cache that each CPU owns, and the two hot functions.
 *
 *     struct kmem_cache
 *     +-- struct cpu_arrays ------------------------------------------+
 *     | nodes, limit, batchcount, ... | guard[2] | slot[0] slot[1] ... |
 *     +------------------------------------------------|--------------+
 *                                                      v
 *                                         struct array_cache of CPU 0
 *
 * A slot holds a pointer to an array, never NULL: array_none until that CPU first
 * needs one (so a cache costs arrays only on CPUs that use it), array_parked while a
 * drainer works on the real one. Both have limit 0 for ever, so whoever meets them
 * leaves by the door; so does a thread without sequences, at the guard slots.
 *
 * Invariants:
 *   C1  a slot is written under `lock` only (the first array of a CPU included).
 *   C2  an array that left its slot is touched only after a fence.
 *   C3  the objects in CPU c's array have their memory on c's node.
 *   C4  the table of size classes says what their slots say (classes.h).
 */
#ifndef CPU_CPU_H
#define CPU_CPU_H

#include <ukmem/gfp.h>

#include "arch/rseq.h"
#include "node/meta.h"
#include "os/thread.h"
#include "os/topology.h"

enum {
	BATCH_MAX = 256,        /* objects moved through a buffer on the stack: 2 KiB */
	SEQ_TRIES = 4,          /* then the door takes the locked road: single-stepping */
};

/* From layout on one cache line: what a miss looks at besides nodes. */
struct cpu_arrays {
	counter_t hits;                 /* from below; most are in the nodes' hits */
	unsigned shared;
	unsigned closed_limit;          /* cpu_close_for_now: what comes back, or 0 */
	unsigned grown_limit;           /* of an array that grew; 0: none does (adapt.h) */
	struct kmem_cache_node *const *nodes;
	struct slab_layout *layout;
	unsigned limit;                 /* 0: this cache has no arrays, ever */
	unsigned batchcount;
	counter_t refills, flushes;     /* misses of alloc and of free */
	struct cpu_watch *watch;        /* NULL mostly: watch.h */
	struct lock lock;               /* LOCK_RANK_SLOTS, C1 */
	struct array_cache *guard[2];   /* slots -2 and -1: threads without sequences */
	struct array_cache *slot[];
};

extern OURS struct array_cache array_none, array_parked;

/* ---- The hot path --------------------------------------------------------------- */

/*
 * The doors out of the hit paths. They get what the sequence went by, the base of the
 * slots: on a hit no instruction is spent on what only a miss needs. @caller is the return
 * address of the call into the library.
 */
void *cpu_alloc_slow(const void *base, gfp_t gfp, const void *caller);
void *cpu_alloc_aborted(const void *base, gfp_t gfp, const void *caller);
void cpu_free_slow(const void *base, void *object);
void cpu_free_aborted(const void *base, void *object);

static inline struct cpu_arrays *cpu_of_base(const void *base)
{
	return container_of((char *)base + SLOTS_OFFSET, struct cpu_arrays, slot);
}

/*
 * The pop's one test sends __GFP_ZERO and __GFP_ACCOUNT to the door too. Who knows that
 * they are not there spares the two instructions.
 */
HOT_INLINE void *cpu_alloc_either(struct cpu_arrays *cpu, gfp_t gfp, bool may_be_slow,
				  const void *caller)
{
	const void *base = slots_base(cpu->slot);
	void *object;

	switch (may_be_slow ? seq_pop_unless(base, UKMEM_ATTENTION(gfp), &object) : seq_pop(base, &object)) {
	case SEQ_DONE:
		return object;
	case SEQ_EMPTY:
		return cpu_alloc_slow(base, gfp, caller);
	default:
		return cpu_alloc_aborted(base, gfp, caller);
	}
}

HOT_INLINE void *cpu_alloc(struct cpu_arrays *cpu, gfp_t gfp)
{
	return cpu_alloc_either(cpu, gfp, true, __builtin_return_address(0));
}

HOT_INLINE void cpu_free(struct cpu_arrays *cpu, void *object)
{
	const void *base = slots_base(cpu->slot);

	switch (seq_push(base, object)) {
	case SEQ_DONE:
		return;
	case SEQ_EMPTY:
		cpu_free_slow(base, object);
		return;
	default:
		cpu_free_aborted(base, object);
	}
}

/* For doors that a miss and an abort leave by: @result is what the hit's sequence said. */
static inline void count_if_aborted(enum seq_kind kind, enum seq_result result)
{
	if (unlikely(result == SEQ_ABORTED))
		counter_add(&seq_aborts[kind], 1);
}

/* ---- slots.c: who owns which array ------------------------------------------------ */

void cpu_arrays_init(struct cpu_arrays *cpu, struct kmem_cache_node *const *nodes,
		     struct slab_layout *layout);

/* A CPU's array for this cache's objects; NULL when refused. */
struct array_cache *cpu_array_new(struct cpu_arrays *cpu, unsigned limit,
				  unsigned batchcount, unsigned node);

/* What a slot holds, from now on; under the lock (C1, C4). In classes.c. */
void cpu_slot_set(struct cpu_arrays *cpu, unsigned slot, struct array_cache *array);

/* In a fork child, of a cache whose objects are the parent's: no arrays from now on. */
void cpu_arrays_abandon(struct cpu_arrays *cpu);

/* This CPU has an array now; false when refused, parked, or the cache has none. */
bool cpu_own_array(struct cpu_arrays *cpu, bool may_block);

/* ---- drain.c ------------------------------------------------------------------------ */

/*
 * A CPU's array goes through @visit, which may empty or trim it in peace. Returns what the
 * slot holds from now on: the array, another in its place, or array_none.
 */
typedef struct array_cache *array_visitor(struct cpu_arrays *cpu, struct array_cache *array);

/* Is there anything to do with this array? May be asked while its CPU works on it. */
typedef bool array_filter(struct array_cache *array);

enum { EVERY_SLOT = -1 };

/*
 * Park the arrays of @slot (or EVERY_SLOT) that @wants (NULL: all), fence, visit each,
 * put them back. False when the fence is refused: then nothing was done.
 */
bool cpu_visit_arrays(struct cpu_arrays *cpu, int slot, array_filter *wants,
		      array_visitor *visit);

/* All arrays of all CPUs go back to their slabs, this CPU's last. */
bool cpu_drain_all(struct cpu_arrays *cpu);

/* One slot's, when its CPU is gone. */
bool cpu_drain_slot(struct cpu_arrays *cpu, unsigned slot);

/* The reaper's look at every array: mark it idle, or trim it if it was. */
void cpu_reap_all(struct cpu_arrays *cpu);
void cpu_reap_slot(struct cpu_arrays *cpu, unsigned slot);

/*
 * Replace all arrays by ones of @limit and @batchcount, which don't grow. 0, or -ENOMEM (-EPERM when
 * the fence is refused) with all as it was.
 */
int cpu_tune(struct cpu_arrays *cpu, unsigned limit, unsigned batchcount);

/*
 * No arrays from now on, while others go on: when it returns every call is a miss. 0, or
 * -EPERM when the fence is refused, with all as it was.
 */
int cpu_close(struct cpu_arrays *cpu);

/* The same for a while: the limit comes back with cpu_open. */
int cpu_close_for_now(struct cpu_arrays *cpu);
void cpu_open(struct cpu_arrays *cpu);

static inline bool cpu_is_closed_for_now(const struct cpu_arrays *cpu)
{
	return cpu->closed_limit != 0;
}

/* Give all arrays up, objects to their slabs; nobody uses the cache any more. */
void cpu_arrays_destroy(struct cpu_arrays *cpu);

/* tune may change it at any moment. */
static inline unsigned cpu_limit(const struct cpu_arrays *cpu)
{
	return __atomic_load_n(&cpu->limit, __ATOMIC_RELAXED);
}

static inline unsigned cpu_batchcount(const struct cpu_arrays *cpu)
{
	return __atomic_load_n(&cpu->batchcount, __ATOMIC_RELAXED);
}

static inline unsigned cpu_grown_limit(const struct cpu_arrays *cpu)
{
	return __atomic_load_n(&cpu->grown_limit, __ATOMIC_RELAXED);
}

/* ---- Common to refill and flush ------------------------------------------------------ */

static inline bool gfp_may_block(gfp_t gfp)
{
	return (gfp & __GFP_DIRECT_RECLAIM) != 0;
}

static inline struct kmem_cache_node *this_node(const struct cpu_arrays *cpu)
{
	return cpu->nodes[topology.nodes == 1 ? 0 : node_of_cpu(thread_slot())];
}

/*
 * What a miss does besides: start the helper thread, or reap by time. Set by the floor
 * above, called without locks by callers that may block.
 */
extern void (*cpu_miss_hook)(void);

/*
 * What an allocation does when it was refused for the (@attempt + 1)th time; whether to
 * try again. Likewise.
 */
extern bool (*cpu_reclaim_hook)(gfp_t gfp, unsigned attempt);

/*
 * A free without the miss hook, for objects of the allocator's own (off-slab free
 * lists), which go while locks are held.
 */
void cpu_free_quiet(struct cpu_arrays *cpu, void *object);

/*
 * One object of @node, past the arrays unless it is our own node. NULL with EINVAL when there
 * is no such node.
 */
void *cpu_alloc_node(struct cpu_arrays *cpu, gfp_t gfp, int node, const void *caller);

/* Objects that found no room in an array go back to the slabs of their node. */
void give_to_node(struct kmem_cache_node *n, void *const *objects, unsigned count);

#endif

/*
 * adapt.h: arrays that miss often grow, idle ones go.
 *
 * A larger array helps whoever allocates and frees by turns somewhat more than the array
 * holds: each turn of the tide then costs refills and flushes that need not be. It is no
 * help to one who allocates a million objects first. So a miss that turns (a refill after
 * a flush, or the other way) counts for as many objects as a grown array holds, and each
 * that goes on the same way counts the objects it moves against that:
 *
 *      refill refill flush flush refill refill flush ...       turns often: grow
 *      refill refill refill refill ... flush flush flush ...   turns seldom: leave it
 *
 * Where it is enough the array of the CPU that missed last is exchanged for one of
 * grown_limit and batches of half of that. When the reaper finds it idle it goes, and who
 * comes back begins with a small one. What all grown arrays may hold beyond their
 * caches' limits is bounded (adapt_mib, and a quarter of the pages in use or 256 KiB). profile:slab
 * has no such arrays, nor has a cache that was tuned: its numbers are what somebody
 * asked for.
 */
#ifndef CPU_ADAPT_H
#define CPU_ADAPT_H

#include "base/bits.h"
#include "cpu/backend.h"

/* Chosen: a short program grows its arrays within some hundred misses. */
enum { TURNS_TO_GROW = 8 };

/* Under the lock, but read without. */
static inline void set_swings(struct kmem_cache_node *n, uint32_t swings)
{
	__atomic_store_n(&n->swings, swings, __ATOMIC_RELAXED);
}

/*
 * A miss of an array of @n's that looked like @seen. Under its lock, so that counting hits
 * and turns costs no atomic operation and no line.
 */
static inline void note_miss(struct cpu_arrays *cpu, struct kmem_cache_node *n,
			     const struct glance *seen, bool is_flush)
{
	n->hits += seen->hits;
	if (unlikely(n->hits >= UINT32_MAX / 2)) {
		counter_add(&cpu->hits, n->hits);
		n->hits = 0;
	}
	if (seen->limit >= cpu_grown_limit(cpu))
		return;
	if (seen->was_flushed != is_flush)
		set_swings(n, n->swings + cpu_grown_limit(cpu));
	else
		set_swings(n, n->swings - (uint32_t)min_size(n->swings, batch_of(cpu, seen, is_flush)));
}

/* After a refill, without locks: would a larger array be better? A guess. */
static inline bool array_should_grow(const struct cpu_arrays *cpu, struct kmem_cache_node *n,
				     const struct glance *seen)
{
	return seen->limit < cpu_grown_limit(cpu) && seen->limit != 0 &&
	       __atomic_load_n(&n->swings, __ATOMIC_RELAXED) >=
			TURNS_TO_GROW * cpu_grown_limit(cpu);
}

/* This CPU's array grows, if memory, budget and the fence allow it. Without locks. */
COLD void cpu_grow_array(struct cpu_arrays *cpu, struct kmem_cache_node *n);

/* What a grown array for objects of @size holds by default; 0: such arrays don't grow. */
unsigned grown_limit_for(unsigned size);

static inline bool array_is_grown(const struct array_cache *array)
{
	return array->grown_bytes != 0;
}

/* As array_delete, of a CPU's array. */
void cpu_array_delete(struct array_cache *array);

#endif

/*
 * watch.h: what is looked for in a cache only when somebody wants to know: how long misses
 * take, and which stacks allocate. Hits know nothing of either.
 *
 * Sampling by tickets. Allocation number i of a cache on a CPU is a sample if ticket
 * number i says so; a die is cast for each ticket, long before anybody knows whose it will
 * be. Only how many tickets come before the next one that does is kept: `left`.
 *
 *   - An object that enters the CPU's array takes a ticket with it, so pops need to ask
 *     nothing: what is in the array is not a sample. When no ticket is left nothing enters
 *     any more; the array runs dry, and the allocation that finds it empty is the sample.
 *   - An allocation past the array takes a ticket for itself.
 *   - An object that leaves the array otherwise (flush, drain) gives its ticket back.
 *
 * So tickets and allocations are one to one, and each allocation is a sample with the same
 * probability, 1 - exp(-object bytes / interval), whatever the program does. For this, no
 * object may enter unseen: such a cache's arrays accept no push, and frees leave by the
 * door, where they must look anyway whether the object was a sample. A thread that is
 * preempted between reading `left` and writing it shifts a sample by a few allocations.
 */
#ifndef CPU_WATCH_H
#define CPU_WATCH_H

#include "cpu/cpu.h"

enum watch_kind { WATCH_ALLOC, WATCH_FREE, WATCH_KINDS };
enum { WATCH_BUCKETS = 32 };            /* the last from 2^31 ns on */

struct cpu_watch {
	counter_t took[WATCH_KINDS][WATCH_BUCKETS];     /* misses, by log2 of their ns */
	bool samples;
	struct {
		alignas(CACHE_LINE_BYTES) _Atomic int64_t left;
	} ticket[];                     /* [slot] */
};

/* Memory to watch @cpu with, if there is none yet. False when refused. */
bool cpu_watch(struct cpu_arrays *cpu);

/* Nobody uses the cache any more. */
void cpu_unwatch(struct cpu_arrays *cpu);

/* ---- Time ------------------------------------------------------------------------------ */

extern _Atomic bool watch_times;        /* misses of watched caches are timed */

/* Now, in ns; 0 when nothing is timed. */
uint64_t watch_begin(void);

/* A miss of @kind ends that began at @begin. */
void watch_end(struct cpu_arrays *cpu, enum watch_kind kind, uint64_t begin);

/* ---- Samples --------------------------------------------------------------------------- */

/* Before its first allocation: @cpu's are sampled, if there is memory for that. */
void cpu_sample(struct cpu_arrays *cpu);

static inline struct cpu_watch *watch_of(struct cpu_arrays *cpu)
{
	return __atomic_load_n(&cpu->watch, __ATOMIC_ACQUIRE);
}

static inline bool cpu_samples(struct cpu_arrays *cpu)
{
	struct cpu_watch *watch = watch_of(cpu);

	return unlikely(watch != NULL) && watch->samples;
}

/* All of these for caches with samples only. How many of @count objects may enter this CPU's array. */
unsigned tickets_left(struct cpu_arrays *cpu, unsigned count);
unsigned tickets_take(struct cpu_arrays *cpu, unsigned count);

/* For one object; false: none is left. */
bool ticket_take(struct cpu_arrays *cpu);

/* @count objects did not enter, or left otherwise than by a pop; negative: entered. */
void tickets_return(struct cpu_arrays *cpu, unsigned slot, int count);

/* A ticket for an allocation past the array: is it a sample? */
bool ticket_is_drawn(struct cpu_arrays *cpu);

#endif

/*
 * watch.c: see watch.h.
 */
#include "cpu/watch.h"

#include "base/bits.h"
#include "debug/sample.h"
#include "os/clock.h"
#include "os/ops.h"

_Atomic bool watch_times;

static size_t watch_bytes(void)
{
	struct cpu_watch *watch = NULL;

	return sizeof(*watch) + topology.slots * sizeof(watch->ticket[0]);
}

bool cpu_watch(struct cpu_arrays *cpu)
{
	void *memory;

	if (watch_of(cpu) != NULL)
		return true;
	if (os_ops.map(watch_bytes(), &memory) != 0)
		return false;
	__atomic_store_n(&cpu->watch, (struct cpu_watch *)memory, __ATOMIC_RELEASE);
	return true;
}

void cpu_unwatch(struct cpu_arrays *cpu)
{
	if (cpu->watch != NULL)
		os_ops.unmap(cpu->watch, watch_bytes());
	cpu->watch = NULL;
}

/* ---- Time ------------------------------------------------------------------------------ */

uint64_t watch_begin(void)
{
	return atomic_load_explicit(&watch_times, memory_order_relaxed) ? clock_ns() : 0;
}

void watch_end(struct cpu_arrays *cpu, enum watch_kind kind, uint64_t begin)
{
	uint64_t ns;

	if (begin == 0)
		return;
	ns = clock_ns() - begin;
	counter_add(&watch_of(cpu)->took[kind][min_size(63 - (unsigned)__builtin_clzl(ns | 1), WATCH_BUCKETS - 1)], 1);
}

/* ---- Samples --------------------------------------------------------------------------- */

void cpu_sample(struct cpu_arrays *cpu)
{
	if (!sample_start() || !cpu_watch(cpu))
		return;
	for (unsigned slot = 0; slot < topology.slots; slot++)
		cpu->watch->ticket[slot].left = sample_distance(object_size_of(cpu->layout));
	cpu->watch->samples = true;
}

static _Atomic int64_t *left_of(struct cpu_arrays *cpu, unsigned slot)
{
	return &watch_of(cpu)->ticket[slot < topology.slots ? slot : 0].left;
}

unsigned tickets_left(struct cpu_arrays *cpu, unsigned count)
{
	return (unsigned)min_size(count, (size_t)atomic_load_explicit(
				  left_of(cpu, thread_slot()), memory_order_relaxed));
}

unsigned tickets_take(struct cpu_arrays *cpu, unsigned count)
{
	unsigned slot = thread_slot();

	count = tickets_left(cpu, count);
	tickets_return(cpu, slot, -(int)count);
	return count;
}

void tickets_return(struct cpu_arrays *cpu, unsigned slot, int count)
{
	_Atomic int64_t *left = left_of(cpu, slot);
	int64_t now = atomic_load_explicit(left, memory_order_relaxed) + count;

	atomic_store_explicit(left, now > 0 ? now : 0, memory_order_relaxed);
}

bool ticket_take(struct cpu_arrays *cpu)
{
	_Atomic int64_t *left = left_of(cpu, thread_slot());
	int64_t now = atomic_load_explicit(left, memory_order_relaxed);

	if (now <= 0)
		return false;
	atomic_store_explicit(left, now - 1, memory_order_relaxed);
	return true;
}

bool ticket_is_drawn(struct cpu_arrays *cpu)
{
	if (ticket_take(cpu))
		return false;
	atomic_store_explicit(left_of(cpu, thread_slot()),
			      sample_distance(object_size_of(cpu->layout)), memory_order_relaxed);
	return true;
}

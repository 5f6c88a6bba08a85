/*
 * drain.c: work on other CPUs' arrays.
 *
 * No lock keeps a sequence out, so the array is taken out of its slot: exchange the
 * slot for array_parked, fence, and nobody is in the old array any more. One fence
 * serves all slots of a cache. Whoever meets the parked array meanwhile goes past it.
 *
 *    slot[c] ----> array          slot[c] ----> array_parked     slot[c] ----> array
 *                            =>       array (ours alone)     =>
 *                        exchange, fence     work             store
 *
 * Refused: migrating to the CPU and working there (50 us idle, 3.7 ms when it is
 * busy, against 0.4 to 8 us for the fence).
 */
#include <errno.h>

#include "cpu/adapt.h"
#include "cpu/watch.h"

/* Slots worked on in one go: one fence each time. */
enum { SLOTS_AT_ONCE = 64 };

struct parked {
	unsigned count;
	unsigned slots[SLOTS_AT_ONCE];
	struct array_cache *arrays[SLOTS_AT_ONCE];
};

static bool is_real(const struct array_cache *array)
{
	return array != &array_none && array != &array_parked;
}

/*
 * On the locked back-end an array may be looked at under its lock only, so all are
 * parked and the filter is asked after the fence.
 */
static bool is_wanted(struct array_cache *array, array_filter *wants)
{
	return is_real(array) && (wants == NULL || !backend_is_rseq() || wants(array));
}

/* Park from *@slot up to @end, as many as fit; *@slot is where to go on. */
static void park(struct cpu_arrays *cpu, unsigned *slot, unsigned end,
		 struct parked *parked, array_filter *wants)
{
	parked->count = 0;
	for (; *slot < end && parked->count < SLOTS_AT_ONCE; ++*slot) {
		struct array_cache *array = cpu->slot[*slot];

		if (!is_wanted(array, wants))
			continue;
		parked->slots[parked->count] = *slot;
		parked->arrays[parked->count++] = array;
		cpu_slot_set(cpu, *slot, &array_parked);
	}
}

static void put_all_back(struct cpu_arrays *cpu, const struct parked *parked)
{
	for (unsigned i = 0; i < parked->count; i++)
		cpu_slot_set(cpu, parked->slots[i], parked->arrays[i]);
}

/* What @visit takes out was no hit, and needs no ticket any more. */
static struct array_cache *visit_counted(struct cpu_arrays *cpu, unsigned slot,
					 struct array_cache *array, array_visitor *visit)
{
	unsigned before = array->avail;

	counter_add(&cpu->hits, array_hits(array));
	array = visit(cpu, array);
	if (is_real(array))
		array->mark = (uint16_t)array->avail;
	if (cpu_samples(cpu))
		tickets_return(cpu, slot, (int)(before - array->avail));
	return array;
}

static void visit_one(struct cpu_arrays *cpu, struct parked *parked, unsigned i,
		      array_filter *wants, array_visitor *visit)
{
	if (wants == NULL || backend_is_rseq() || wants(parked->arrays[i]))
		parked->arrays[i] = visit_counted(cpu, parked->slots[i], parked->arrays[i],
						  visit);
}

/* This CPU's array comes last, as in the kernel's on_each_cpu. */
static void visit_all(struct cpu_arrays *cpu, struct parked *parked,
		      array_filter *wants, array_visitor *visit)
{
	unsigned here = thread_slot();

	for (unsigned i = 0; i < parked->count; i++)
		if (parked->slots[i] != here)
			visit_one(cpu, parked, i, wants, visit);
	for (unsigned i = 0; i < parked->count; i++)
		if (parked->slots[i] == here)
			visit_one(cpu, parked, i, wants, visit);
}

bool cpu_visit_arrays(struct cpu_arrays *cpu, int slot, array_filter *wants,
		      array_visitor *visit)
{
	struct parked parked;
	unsigned at = slot == EVERY_SLOT ? 0 : (unsigned)slot;
	unsigned end = slot == EVERY_SLOT ? topology.slots : at + 1;
	bool fenced = true;

	lock_take(&cpu->lock);
	while (fenced && at < end) {
		park(cpu, &at, end, &parked, wants);
		if (parked.count == 0)
			break;
		fenced = backend_fence();
		if (fenced)
			visit_all(cpu, &parked, wants, visit);
		put_all_back(cpu, &parked);
	}
	lock_drop(&cpu->lock);
	return fenced;
}

static struct array_cache *empty_array(struct cpu_arrays *cpu, struct array_cache *array)
{
	give_to_node(cpu->nodes[array->node], array->entry, array->avail);
	array->avail = 0;
	return array;
}

static uint32_t avail_of(const struct array_cache *array)
{
	return __atomic_load_n(&array->avail, __ATOMIC_RELAXED);
}

static bool holds_objects(struct array_cache *array)
{
	return avail_of(array) != 0;
}

bool cpu_drain_all(struct cpu_arrays *cpu)
{
	return cpu_visit_arrays(cpu, EVERY_SLOT, holds_objects, empty_array);
}

bool cpu_drain_slot(struct cpu_arrays *cpu, unsigned slot)
{
	return cpu_visit_arrays(cpu, (int)slot, holds_objects, empty_array);
}

/* One that grew goes altogether. */
static struct array_cache *trim_array(struct cpu_arrays *cpu, struct array_cache *array)
{
	bool grown = array_is_grown(array);
	unsigned share = grown || array->avail == 0 ? array->avail : reap_share(array);

	give_to_node(cpu->nodes[array->node], array->entry, share);
	array_drop_oldest(array, share);
	counter_add(&objects_reaped, share);
	if (!grown)
		return array;
	cpu_array_delete(array);
	return &array_none;
}

/*
 * Touched since the last look: only say so. The store may meet a pop's, which then
 * wins and is right: the array is touched. It never meets avail: that is the other
 * half of the word, and a pop's store of both comes from its own CPU's sequence.
 */
static bool is_idle_mark_others(struct array_cache *array)
{
	if (avail_of(array) == 0 && !array_is_grown(array))
		return false;
	if (__atomic_load_n(&array->idle, __ATOMIC_RELAXED))
		return true;
	__atomic_store_n(&array->idle, 1, __ATOMIC_RELAXED);
	return false;
}

void cpu_reap_all(struct cpu_arrays *cpu)
{
	cpu_visit_arrays(cpu, EVERY_SLOT, is_idle_mark_others, trim_array);
}

void cpu_reap_slot(struct cpu_arrays *cpu, unsigned slot)
{
	cpu_visit_arrays(cpu, (int)slot, is_idle_mark_others, trim_array);
}

/* ---- Tune: other arrays for the same slots ------------------------------------------ */

static void delete_parked(struct parked *parked)
{
	for (unsigned i = 0; i < parked->count; i++)
		cpu_array_delete(parked->arrays[i]);
}

/* New arrays for those in @old; all or none. */
static bool make_successors(struct cpu_arrays *cpu, const struct parked *old, struct parked *new, unsigned limit,
			    unsigned batchcount)
{
	for (new->count = 0; new->count < old->count; new->count++) {
		struct array_cache *array = cpu_array_new(cpu, limit, batchcount,
				old->arrays[new->count]->node);

		if (array == NULL) {
			delete_parked(new);
			return false;
		}
		new->slots[new->count] = old->slots[new->count];
		new->arrays[new->count] = array;
	}
	return true;
}

static void retire(struct cpu_arrays *cpu, struct parked *old)
{
	for (unsigned i = 0; i < old->count; i++)
		visit_counted(cpu, old->slots[i], old->arrays[i], empty_array);
	delete_parked(old);
}

/* The first 64 slots' arrays get successors: all or none. */
static int tune_first(struct cpu_arrays *cpu, unsigned *slot, unsigned limit,
		      unsigned batchcount)
{
	struct parked old, new = { 0 };
	int error = 0;

	park(cpu, slot, topology.slots, &old, NULL);
	if (!make_successors(cpu, &old, &new, limit, batchcount))
		error = -ENOMEM;
	else if (!backend_fence())
		error = -EPERM;
	if (error != 0) {
		if (error == -EPERM)
			delete_parked(&new);
		put_all_back(cpu, &old);
		return error;
	}
	__atomic_store_n(&cpu->batchcount, batchcount, __ATOMIC_RELAXED);
	__atomic_store_n(&cpu->limit, limit, __ATOMIC_RELAXED);
	__atomic_store_n(&cpu->grown_limit, 0, __ATOMIC_RELAXED);
	put_all_back(cpu, &new);
	retire(cpu, &old);
	return 0;
}

/* The slots from @slot on lose theirs. False when the fence is refused. */
static bool close_rest(struct cpu_arrays *cpu, unsigned slot)
{
	struct parked old;

	for (park(cpu, &slot, topology.slots, &old, NULL); old.count != 0;
	     park(cpu, &slot, topology.slots, &old, NULL)) {
		if (!backend_fence()) {
			put_all_back(cpu, &old);
			return false;
		}
		for (unsigned i = 0; i < old.count; i++)
			cpu_slot_set(cpu, old.slots[i], &array_none);
		retire(cpu, &old);
	}
	return true;
}

/* CPUs beyond the first 64 make new ones when they need them. */
int cpu_tune(struct cpu_arrays *cpu, unsigned limit, unsigned batchcount)
{
	unsigned slot = 0;
	int error;

	lock_take(&cpu->lock);
	error = tune_first(cpu, &slot, limit, batchcount);
	if (error == 0)
		close_rest(cpu, slot);
	lock_drop(&cpu->lock);
	return error;
}

/* No array is made for a limit of 0; who is making one finds that out under the lock. */
static int close_arrays(struct cpu_arrays *cpu, unsigned *limit)
{
	bool closed;

	lock_take(&cpu->lock);
	*limit = cpu_limit(cpu);
	__atomic_store_n(&cpu->limit, 0, __ATOMIC_RELAXED);
	closed = close_rest(cpu, 0);
	if (!closed)
		__atomic_store_n(&cpu->limit, *limit, __ATOMIC_RELAXED);
	lock_drop(&cpu->lock);
	return closed ? 0 : -EPERM;
}

int cpu_close(struct cpu_arrays *cpu)
{
	unsigned limit;

	return close_arrays(cpu, &limit);
}

int cpu_close_for_now(struct cpu_arrays *cpu)
{
	unsigned limit;
	int error = close_arrays(cpu, &limit);

	if (error == 0)
		cpu->closed_limit = limit;
	return error;
}

void cpu_open(struct cpu_arrays *cpu)
{
	__atomic_store_n(&cpu->limit, cpu->closed_limit, __ATOMIC_RELAXED);
	cpu->closed_limit = 0;
}

static void delete_array(struct cpu_arrays *cpu, struct array_cache *array)
{
	cpu_array_delete(empty_array(cpu, array));
}

/*
 * Nobody uses the cache any more, so there is no sequence to wait for, and no fence.
 */
void cpu_arrays_destroy(struct cpu_arrays *cpu)
{
	for (unsigned slot = 0; slot < topology.slots; slot++) {
		struct array_cache *array = cpu->slot[slot];

		if (!is_real(array))
			continue;
		cpu_slot_set(cpu, slot, &array_none);
		delete_array(cpu, array);
	}
	cpu_unwatch(cpu);
}

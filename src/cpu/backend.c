/*
 * backend.c: see backend.h.
 */
#include "cpu/backend.h"

#include <string.h>

#include "base/bits.h"
#include "os/fence.h"

/* Slots share locks beyond 64: correct all the same, and no machine here notices. */
enum { SLOT_LOCKS = 64 };

static struct slot_lock {
	alignas(CACHE_LINE_BYTES) struct lock lock;
} slot_locks[SLOT_LOCKS] RARELY_WRITTEN = {
	[0 ... SLOT_LOCKS - 1] = { .lock = LOCK_INIT(LOCK_RANK_ARRAY) },
};

static struct lock *lock_of(unsigned slot)
{
	return &slot_locks[slot % SLOT_LOCKS].lock;
}

/* Run @sequence until it is not aborted, but not for ever. */
#define BOUNDED(kind, sequence)                                                 \
	({                                                                      \
		enum seq_result result = SEQ_ABORTED;                           \
		for (int try_ = 0; try_ < SEQ_TRIES && result == SEQ_ABORTED; try_++) { \
			result = (sequence);                                    \
			if (result == SEQ_ABORTED)                              \
				counter_add(&seq_aborts[kind], 1);              \
		}                                                               \
		result;                                                         \
	})

/*
 * Lock this moment's slot. The array is looked up under the lock, and a drainer takes
 * the lock after its exchange, so nobody holds an array that was exchanged away.
 */
static struct array_cache *lock_array(struct cpu_arrays *cpu, struct lock **held)
{
	unsigned slot = thread_slot();

	*held = lock_of(slot);
	if (!lock_try(*held))
		return NULL;
	return __atomic_load_n(&cpu->slot[slot], __ATOMIC_ACQUIRE);
}

/* ---- Under the lock: how many objects moved, 0 for a miss ------------------------------- */

static unsigned pop(struct array_cache *array, void **objects, unsigned most)
{
	unsigned count = 0;

	while (count < most && array->avail != 0) {
		objects[count++] = array->entry[--array->avail];
		array->idle = 0;
	}
	return count;
}

static unsigned push(struct array_cache *array, void *const *objects, unsigned count,
		     unsigned limit)
{
	unsigned stored = 0;

	while (stored < count && array->avail < limit)
		array->entry[array->avail++] = objects[stored++];
	return stored;
}

static unsigned limit_for_window(const struct array_cache *array, size_t window)
{
	return window < WINDOWS ? array->window_limit[window] : 0;
}

static unsigned limit_for_node(const struct array_cache *array, unsigned node)
{
	return array->node == node ? array->limit : 0;
}

static unsigned take_all(struct array_cache *array, void **buffer, unsigned max)
{
	unsigned count = array->avail;

	if (count == 0 || count > max)
		return 0;
	memcpy(buffer, array->entry, count * sizeof(void *));
	array->avail = 0;
	return count;
}

/* True where the array is of @node and has room, even without objects. */
static bool put(struct array_cache *array, void *const *batch, unsigned count, unsigned node,
		uint64_t keep, unsigned *stored)
{
	unsigned limit = limit_for_node(array, node);

	if (array->avail >= limit)
		return false;
	*stored = push(array, batch, count, limit);
	array->mark = (uint16_t)array->avail;
	array->kept = keep;
	if (keep == CLEAR_IDLE)
		array->idle = 0;
	return true;
}

#define LOCKED(cpu, done)                                                       \
	({                                                                      \
		struct lock *held;                                              \
		struct array_cache *array = lock_array(cpu, &held);             \
		enum seq_result result = SEQ_ABORTED;                           \
		if (array != NULL) {                                            \
			result = (done) ? SEQ_DONE : SEQ_EMPTY;                 \
			lock_drop(held);                                        \
		}                                                               \
		result;                                                         \
	})

/*
 * By @sequence, or by @done, one of the above on `array`. A thread that must keep off the
 * arrays reports an abort at once.
 */
#define BY_MODE(cpu, kind, sequence, done)                                      \
	switch (thread_mode()) {                                                \
	case THREAD_RSEQ:                                                       \
		return BOUNDED(kind, sequence);                                 \
	case THREAD_LOCKED:                                                     \
		return LOCKED(cpu, done);                                      \
	default:                                                                \
		return SEQ_ABORTED;                                             \
	}

enum seq_result array_pop(struct cpu_arrays *cpu, void **object)
{
	BY_MODE(cpu, SEQ_POP, seq_pop(slots_base(cpu->slot), object), pop(array, object, 1));
}

enum seq_result array_push(struct cpu_arrays *cpu, void *object)
{
	BY_MODE(cpu, SEQ_PUSH, seq_push(slots_base(cpu->slot), object),
		push(array, &object, 1, limit_for_window(array, (size_t)object >> WINDOW_SHIFT)));
}

enum seq_result array_take_all(struct cpu_arrays *cpu, void **buffer, unsigned max,
			       unsigned *count)
{
	BY_MODE(cpu, SEQ_TAKE, seq_take_all(slots_base(cpu->slot), buffer, max, count),
		*count = take_all(array, buffer, max));
}

enum seq_result array_put(struct cpu_arrays *cpu, void *const *batch, unsigned count,
			  unsigned node, uint64_t keep, unsigned *stored)
{
	BY_MODE(cpu, SEQ_PUT, seq_put(slots_base(cpu->slot), batch, count, node, keep, stored),
		put(array, batch, count, node, keep, stored));
}

enum seq_result array_put_one(struct cpu_arrays *cpu, void *object, unsigned node)
{
	BY_MODE(cpu, SEQ_PUT, seq_put_one(slots_base(cpu->slot), object, node),
		push(array, &object, 1, limit_for_node(array, node)));
}

static enum seq_result pop_some(struct cpu_arrays *cpu, void **objects, unsigned most,
				unsigned *count)
{
	BY_MODE(cpu, SEQ_POP_SOME, seq_pop_some(slots_base(cpu->slot), objects, most, count),
		*count = pop(array, objects, most));
}

unsigned array_pop_some(struct cpu_arrays *cpu, void **objects, unsigned most)
{
	unsigned count = 0;

	return pop_some(cpu, objects, most, &count) == SEQ_DONE ? count : 0;
}

static enum seq_result push_some(struct cpu_arrays *cpu, void *const *objects, unsigned count,
				 size_t window, unsigned *stored)
{
	BY_MODE(cpu, SEQ_PUSH_SOME,
		seq_push_some(slots_base(cpu->slot), objects, count, window, stored),
		*stored = push(array, objects, count, limit_for_window(array, window)));
}

/* Those that lie in another window than the first are for another call. */
unsigned array_push_some(struct cpu_arrays *cpu, void *const *objects, unsigned count)
{
	size_t window = (size_t)objects[0] >> WINDOW_SHIFT;
	unsigned same = 1, stored = 0;

	if (window >= WINDOWS)
		return 0;
	while (same < count && (size_t)objects[same] >> WINDOW_SHIFT == window)
		same++;
	return push_some(cpu, objects, same, window, &stored) == SEQ_DONE ? stored : 0;
}

static struct glance glance_at(const struct array_cache *array)
{
	return (struct glance){
		.idle = PEEK(array->idle) != 0,
		.was_flushed = PEEK(array->kept) == KEEP_IDLE,
		.hits = array_hits(array),
		.limit = PEEK(array->limit),
		.batchcount = PEEK(array->batchcount),
	};
}

/*
 * Without a lock the array may be retired under our eyes; its memory stays readable
 * (descriptors and meta slabs are never unmapped), and a wrong guess costs a smaller
 * or larger batch.
 */
struct glance array_glance(struct cpu_arrays *cpu)
{
	struct glance glance = { .idle = true };
	unsigned slot = thread_slot();
	struct array_cache *array;
	struct lock *held;

	if (slot >= topology.slots)
		return glance;
	if (backend_is_rseq())
		return glance_at(__atomic_load_n(&cpu->slot[slot], __ATOMIC_ACQUIRE));
	array = lock_array(cpu, &held);
	if (array == NULL)
		return glance;
	glance = glance_at(array);
	lock_drop(held);
	return glance;
}

/* By pairs: they may be a hundred. */
typedef uintptr_t pair __attribute__((vector_size(16), aligned(8), may_alias));

static uintptr_t bits_at(const struct array_cache *array, unsigned count)
{
	pair sum = { 0 };

	count = (unsigned)min_size(count, PEEK(array->limit));
	if (count == 0 || unlikely(zone_of(&array->entry[count - 1]) == NULL))
		return 0;       /* retired under our eyes, the last thing in the heap */
	for (unsigned i = 0; i + 1 < count; i += 2)
		sum |= *(const pair *)&array->entry[i];
	return sum[0] | sum[1] | (count % 2 != 0 ? (uintptr_t)array->entry[count - 1] : 0);
}

uintptr_t array_bits(struct cpu_arrays *cpu, unsigned count)
{
	unsigned slot = thread_slot();
	struct array_cache *array;
	uintptr_t bits;
	struct lock *held;

	if (slot >= topology.slots)
		return 0;
	if (backend_is_rseq())
		return bits_at(__atomic_load_n(&cpu->slot[slot], __ATOMIC_ACQUIRE), count);
	array = lock_array(cpu, &held);
	if (array == NULL)
		return 0;
	bits = bits_at(array, count);
	lock_drop(held);
	return bits;
}

bool backend_fence(void)
{
	if (backend_is_rseq())
		return fence();
	backend_lock_all();
	backend_unlock_all();
	return true;
}

void backend_lock_all(void)
{
	for (unsigned i = 0; i < SLOT_LOCKS; i++)
		lock_take(&slot_locks[i].lock);
}

bool backend_lock_all_within(unsigned ms)
{
	for (unsigned i = 0; i < SLOT_LOCKS; i++) {
		if (lock_take_within(&slot_locks[i].lock, ms))
			continue;
		while (i-- > 0)
			lock_drop(&slot_locks[i].lock);
		return false;
	}
	return true;
}

void backend_unlock_all(void)
{
	for (unsigned i = 0; i < SLOT_LOCKS; i++)
		lock_drop(&slot_locks[i].lock);
}

void backend_reset_in_child(void)
{
	for (unsigned i = 0; i < SLOT_LOCKS; i++)
		lock_reset(&slot_locks[i].lock);
}

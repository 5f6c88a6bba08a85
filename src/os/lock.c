/*
 * lock.c: the sleeping side of a lock, and the order check of debug builds.
 */
#include "os/lock.h"

#include "base/check.h"
#include "os/clock.h"
#include "os/wait.h"

/* Tries before sleeping. A holder moves one batch (under 1 us), a sleep costs ~5 us. */
enum { SPINS = 100 };

__thread uint32_t lock_depth;

void lock_take_slow(struct lock *lock)
{
	for (int i = 0; i < SPINS; i++) {
		uint32_t free_state = 0;

		if (atomic_load_explicit(&lock->state, memory_order_relaxed) == 0 &&
		    atomic_compare_exchange_strong_explicit(&lock->state, &free_state, 1,
				memory_order_acquire, memory_order_relaxed))
			return;
		cpu_relax();
	}
	while (atomic_exchange_explicit(&lock->state, 2, memory_order_acquire) != 0)
		wait_while(&lock->state, 2, WAIT_FOREVER);
}

/* By the clock, since signals may end every single sleep. */
bool lock_take_within(struct lock *lock, unsigned ms)
{
	uint64_t end_ms = clock_ms() + ms;

	lock_check_order(lock);
	for (int i = 0; i < SPINS; i++) {
		if (lock_try(lock))
			return true;
		cpu_relax();
	}
	lock_enter();
	while (atomic_exchange_explicit(&lock->state, 2, memory_order_acquire) != 0) {
		if (clock_ms() >= end_ms) {
			lock_leave();
			return false;
		}
		wait_while(&lock->state, 2, ms);
	}
	lock_note_taken(lock);
	return true;
}

void lock_wake(struct lock *lock)
{
	wake(&lock->state, 1);
}

#ifdef UKMEM_DEBUG
/* How many locks of each rank this thread holds; signal handlers balance. */
static __thread uint32_t held[LOCK_RANK_COUNT];

void lock_check_order(const struct lock *lock)
{
	for (unsigned rank = lock->rank + 1; rank < LOCK_RANK_COUNT; rank++)
		if (held[rank] != 0)
			slab_panic("lock order: rank %u taken while holding rank %u",
				   lock->rank, rank);
}

void lock_note_taken(const struct lock *lock)
{
	held[lock->rank]++;
}

void lock_note_dropped(const struct lock *lock)
{
	if (held[lock->rank] == 0)
		slab_panic("lock order: rank %u dropped but not held", lock->rank);
	held[lock->rank]--;
}
#endif

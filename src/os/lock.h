/*
 * lock.h: a futex lock that carries its rank.
 *
 * A thread takes locks in ascending rank only; docs/locking.md lists who guards
 * what. In debug builds a wrong order, or unlocking what one does not hold, panics.
 *
 * A signal handler never waits for what it may have interrupted the holder of: it
 * tries (lock_take_if), and goes without when that fails. Having got a lock once it
 * knows that nobody it interrupted holds it, and may wait for it, whatever else those
 * hold (lock_take_unordered): who holds a NODE or ZONE lock waits for no other, but
 * for fork, which gives up when it takes long (lock_take_within).
 *
 *   state 0 free, 1 held, 2 held and somebody sleeps
 */
#ifndef OS_LOCK_H
#define OS_LOCK_H

#include <stdatomic.h>

#include "base/compiler.h"

enum lock_rank {
	LOCK_RANK_BOOT = 1,     /* the allocator's own creation */
	LOCK_RANK_REGISTRY,     /* the list of caches; create, destroy, tune, shrink, reap */
	LOCK_RANK_SLOTS,        /* who writes a cache's slots */
	LOCK_RANK_ALIEN,        /* one alien cache */
	LOCK_RANK_QUARANTINE,   /* objects that were freed and are held back */
	LOCK_RANK_NODE,         /* one node of one cache: lists, shared array */
	LOCK_RANK_ZONE,         /* one node's pages */
	LOCK_RANK_LEAF,         /* rare, short work of the floors above: cache.h */
	LOCK_RANK_ARRAY,        /* locked back-end: one slot */
	LOCK_RANK_COUNT
};

struct lock {
	_Atomic uint32_t state;
	uint32_t rank;
};

#define LOCK_INIT(lock_rank) { .state = 0, .rank = (lock_rank) }

static inline void lock_init(struct lock *lock, enum lock_rank rank)
{
	atomic_init(&lock->state, 0);
	lock->rank = rank;
}

void lock_take_slow(struct lock *lock);
void lock_wake(struct lock *lock);

#ifdef UKMEM_DEBUG
void lock_check_order(const struct lock *lock);
void lock_note_taken(const struct lock *lock);
void lock_note_dropped(const struct lock *lock);
#else
static inline void lock_check_order(const struct lock *lock UNUSED) {}
static inline void lock_note_taken(const struct lock *lock UNUSED) {}
static inline void lock_note_dropped(const struct lock *lock UNUSED) {}
#endif

/*
 * Locks that this thread holds or is about to hold; thousands during a fork. In a signal
 * handler: not 0 when it interrupted somebody who may be a holder.
 */
extern __thread uint32_t lock_depth __attribute__((tls_model("initial-exec")));

static inline void lock_enter(void)
{
	lock_depth++;
	atomic_signal_fence(memory_order_seq_cst);
}

static inline void lock_leave(void)
{
	atomic_signal_fence(memory_order_seq_cst);
	lock_depth--;
}

static inline bool lock_try(struct lock *lock)
{
	uint32_t free_state = 0;

	lock_enter();
	if (!atomic_compare_exchange_strong_explicit(&lock->state, &free_state, 1,
			memory_order_acquire, memory_order_relaxed)) {
		lock_leave();
		return false;
	}
	lock_note_taken(lock);
	return true;
}

static inline void lock_take(struct lock *lock)
{
	uint32_t free_state = 0;

	lock_check_order(lock);
	lock_enter();
	if (unlikely(!atomic_compare_exchange_strong_explicit(&lock->state, &free_state, 1,
			memory_order_acquire, memory_order_relaxed)))
		lock_take_slow(lock);
	lock_note_taken(lock);
}

/* For handlers; see above. */
static inline void lock_take_unordered(struct lock *lock)
{
	if (!lock_try(lock)) {
		lock_enter();
		lock_take_slow(lock);
		lock_note_taken(lock);
	}
}

/* Returns false, without the lock, after about @ms. */
bool lock_take_within(struct lock *lock, unsigned ms);

static inline void lock_drop(struct lock *lock)
{
	lock_note_dropped(lock);
	if (unlikely(atomic_exchange_explicit(&lock->state, 0, memory_order_release) == 2))
		lock_wake(lock);
	lock_leave();
}

/* Wait for the lock, or, when the caller may not block, try it. */
static inline bool lock_take_if(struct lock *lock, bool may_block)
{
	if (!may_block)
		return lock_try(lock);
	lock_take(lock);
	return true;
}

/* In a fork child: the lock that the parent's forking thread held is ours, free it. */
static inline void lock_reset(struct lock *lock)
{
	lock_note_dropped(lock);
	atomic_store_explicit(&lock->state, 0, memory_order_release);
	lock_leave();
}

#endif

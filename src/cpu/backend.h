/*
 * backend.h: the array operations on the cold side, by sequence or under a lock.
 *
 * The hit paths try a sequence blindly and leave by the door if it does not serve.
 * Behind the door, and for many objects at once, these do what arch/rseq.h describes, on
 * whichever back-end the process runs on, with a bounded number of retries.
 *
 * Locked back-end: one lock for each slot number, whatever the cache (a thread works
 * on one slot at a time, so caches don't contend). A signal handler that interrupted
 * the holder finds the lock taken and gets SEQ_ABORTED: it goes past the arrays.
 */
#ifndef CPU_BACKEND_H
#define CPU_BACKEND_H

#include "base/bits.h"
#include "cpu/cpu.h"

enum seq_result array_pop(struct cpu_arrays *cpu, void **object);
enum seq_result array_push(struct cpu_arrays *cpu, void *object);
enum seq_result array_take_all(struct cpu_arrays *cpu, void **buffer, unsigned max,
			       unsigned *count);
enum seq_result array_put(struct cpu_arrays *cpu, void *const *batch, unsigned count,
			  unsigned node, uint64_t keep, unsigned *stored);
enum seq_result array_put_one(struct cpu_arrays *cpu, void *object, unsigned node);

/*
 * As many hits at once as there are, up to @most or @count, in the order of single calls:
 * how many. 0 when the first would be a miss.
 */
unsigned array_pop_some(struct cpu_arrays *cpu, void **objects, unsigned most);
unsigned array_push_some(struct cpu_arrays *cpu, void *const *objects, unsigned count);

/*
 * A free that neither waits nor makes a system call; for any context (flush.c). False:
 * not now.
 */
bool cpu_free_at_once(struct cpu_arrays *cpu, void *object);

/* This CPU's array at a glance. A guess, when racing. */
struct glance {
	bool idle;                      /* nothing was popped since the last reap */
	bool was_flushed;               /* the last put was a flush's */
	unsigned hits;                  /* so many objects more or less than after the last put */
	unsigned limit, batchcount;     /* 0: no array */
};
struct glance array_glance(struct cpu_arrays *cpu);

/* What stands in its first @count places, taken or not, or-ed. Likewise. */
uintptr_t array_bits(struct cpu_arrays *cpu, unsigned count);

/*
 * What one refill or flush of such an array moves. Who fills or empties it over and over
 * moves more than half of it: fewer locks taken, fewer copies made.
 */
static inline unsigned batch_of(const struct cpu_arrays *cpu, const struct glance *seen,
				bool is_flush)
{
	unsigned long_batch = seen->limit - seen->limit / 8;

	if (seen->batchcount == 0)
		return (unsigned)max_size(cpu_batchcount(cpu), 1);      /* 0: closed just now */
	if (seen->was_flushed == is_flush && cpu_grown_limit(cpu) != 0 && seen->limit <= BATCH_MAX)
		return long_batch;
	return seen->batchcount;
}

/*
 * A drainer's exchange is over for everyone: fence, or, on the locked back-end, hold
 * each slot's lock once. False when the kernel refuses.
 */
bool backend_fence(void);

/* Fork: no thread is inside a locked operation. */
void backend_lock_all(void);
bool backend_lock_all_within(unsigned ms);      /* all, or none and false */
void backend_unlock_all(void);
void backend_reset_in_child(void);

#endif

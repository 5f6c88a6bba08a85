/*
 * rseq.h: what the instruction set must provide for the per-CPU arrays.
 *
 * A restartable sequence is a run of instructions on one CPU's data that ends in one
 * store, the commit. If the thread is preempted, migrated or signalled before the
 * commit, the kernel sends it to the abort label, and nothing has happened: whatever
 * was written before the commit lies above `avail`, where nobody looks. (A put writes mark
 * and kept, too, which are hints: one that was aborted leaves them wrong until the next.)
 *
 * The contract, in pseudo-code. Everything between arm and commit runs on one CPU;
 * the slot's number and pointer are read inside (read before, the array may already
 * belong to a drainer: docs/rseq.md, point 5).
 *
 *   pop(slots, attention) -> object         push(slots, object)
 *     arm                                     arm
 *     a = slots[*index]                       a = slots[*index]
 *     object = a->entry[a->avail - 1]         if a->avail >= a->window_limit[object >> 43]
 *     n = a->avail - 1                          : FULL
 *     if (n | attention) < 0: EMPTY           a->entry[a->avail] = object
 *     commit (a->avail, a->idle) = (n, 0)     commit a->avail += 1
 *
 *   take_all(slots, buffer, max) -> count   put(slots, batch, count, node, keep) -> stored
 *     arm                                     arm
 *     a = slots[*index]                       a = slots[*index]
 *     if a->avail == 0 or > max: EMPTY        if a->node != node: EMPTY
 *     copy a->entry[0 .. avail) to buffer     stored = min(count, a->limit - a->avail)
 *     commit a->avail = 0                     if the array is full: EMPTY
 *                                             copy batch[0 .. stored) above avail
 *                                             a->mark = a->avail + stored, a->kept = keep
 *                                             commit word = (word & keep) + stored
 *
 *   pop_some(slots, objects, most) -> n     push_some(slots, objects, count, window) -> n
 *     arm                                     arm
 *     a = slots[*index]                       a = slots[*index]
 *     if a->avail == 0: EMPTY                 if a->avail >= a->window_limit[window]: FULL
 *     n = min(most, a->avail)                 n = min(count, a->window_limit[window] - a->avail)
 *     copy the n newest, newest first         copy objects[0 .. n) above avail
 *     commit (avail, idle) = (avail - n, 0)   commit a->avail += n
 *
 *   push_class(rows, class, object)
 *     push, but for a = (*rows)[*index][class].
 *
 *   put_one(slots, object, node)
 *     put of a single object, into an array whose window limits are 0; the mark stays.
 *
 * No sequence restarts itself: an abort is reported, and the cold side decides how
 * often to try again (under a debugger's single steps no sequence ever commits).
 */
#ifndef ARCH_RSEQ_H
#define ARCH_RSEQ_H

#include "base/compiler.h"
#include "arch/array_cache.h"
#include "arch/rseq_delay.h"

#define UKMEM_OUT_OF_LINE
#include <ukmem/hit.h>

enum seq_result {
	SEQ_DONE = UKMEM_HIT,
	SEQ_EMPTY = UKMEM_MISS,
	SEQ_ABORTED = UKMEM_ABORTED,
};

/*
 * The sequences address slots as base + SLOTS_OFFSET + 8 * number. struct kmem_cache
 * keeps its slots at just that offset, so on a hit the base is the cache itself and
 * no instruction computes it.
 */
enum { SLOTS_OFFSET = 512 };

static inline const void *slots_base(struct array_cache *const *slots)
{
	return (const char *)slots - SLOTS_OFFSET;
}

static inline void will_be_written(const void *object)
{
	asm volatile(UKMEM_WILL_BE_WRITTEN : : [object] "r" (object));
}

/* For put: what to keep of the word of avail and idle. */
#define KEEP_IDLE   UINT64_MAX
#define CLEAR_IDLE  (uint64_t)UINT32_MAX

#if UKMEM_HAS_HIT && defined(__aarch64__)
#include "arch/rseq_aarch64.h"
#define ARCH_HAS_RSEQ 1
#elif UKMEM_HAS_HIT
#include "arch/rseq_x86_64.h"
#define ARCH_HAS_RSEQ 1
#else
#include "arch/rseq_none.h"
#define ARCH_HAS_RSEQ 0
#endif

#endif

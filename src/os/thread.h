/*
 * thread.h: which back-end this process and this thread use, and who we are.
 *
 * A thread starts as a stranger: its slot number is -1, so its first call leaves the
 * hit path by the door and is adopted. What it becomes:
 *
 *   THREAD_RSEQ     the process runs on sequences and so does this thread
 *   THREAD_LOCKED   the process runs on locked arrays
 *   THREAD_BYPASS   the process runs on sequences, this thread can't (registration
 *                   refused by a late seccomp filter, or guarded because a vfork
 *                   child shares its thread-local memory): it goes past the arrays,
 *                   since no lock keeps sequences out
 */
#ifndef OS_THREAD_H
#define OS_THREAD_H

#include <ukmem/scope.h>

#include "arch/rseq.h"
#include "base/counter.h"

enum thread_mode { THREAD_STRANGER, THREAD_RSEQ, THREAD_LOCKED, THREAD_BYPASS };

/* Once, at boot, after options and topology. */
void threads_init(void);

/* Make this thread what it can be; cheap when it already is. */
enum thread_mode thread_mode(void);

/* While @on this thread, and a child that shares its memory, is THREAD_BYPASS. */
void thread_guard(bool on);
bool thread_is_guarded(void);

/*
 * What this thread's allocations may do for a while, whatever their callers say: bits of
 * KMEM_SCOPE_* (<ukmem/scope.h>). Asked on slow roads only.
 */
extern __thread uint8_t thread_scope __attribute__((tls_model("initial-exec")));

/* @gfp as it counts here. */
static inline gfp_t thread_gfp(gfp_t gfp)
{
	if (thread_scope & KMEM_SCOPE_NOIO)
		gfp &= ~(__GFP_IO | __GFP_FS);
	if (thread_scope & KMEM_SCOPE_NOFS)
		gfp &= ~__GFP_FS;
	if (thread_scope & KMEM_SCOPE_MEMALLOC)
		gfp |= __GFP_MEMALLOC;
	return gfp;
}

/* The caller's work frees memory: he passes what stops others. */
static inline bool gfp_has_reserve(gfp_t gfp)
{
	return (thread_gfp(gfp) & (__GFP_MEMALLOC | __GFP_NOMEMALLOC)) == __GFP_MEMALLOC;
}

/* False when this thread is in reclaim already. */
bool thread_enter_reclaim(void);
void thread_leave_reclaim(void);

/* The slot number of this moment; the thread may be elsewhere right after. */
unsigned thread_slot(void);

/* True when the process runs on sequences. */
bool backend_is_rseq(void);

/* True when slots are numbered by mm_cid. */
bool index_is_cid(void);

/* Tests: from now on this thread is on made-up CPU @cpu; -1 ends that. */
void thread_pretend_cpu(int cpu);

/*
 * Tests, before boot: every thread of this process will always be on a made-up CPU, so
 * sequences may run on a made-up machine that has fewer CPUs than the real one.
 */
void threads_all_pretend(void);

/* How often the kernel aborted a sequence of each kind. */
enum seq_kind {
	SEQ_POP, SEQ_PUSH, SEQ_TAKE, SEQ_PUT, SEQ_POP_SOME, SEQ_PUSH_SOME, SEQ_KINDS
};
extern counter_t seq_aborts[SEQ_KINDS];

#endif

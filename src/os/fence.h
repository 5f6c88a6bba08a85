/*
 * fence.h: "no CPU is still inside a sequence that began before now".
 *
 * membarrier(PRIVATE_EXPEDITED_RSEQ) interrupts every CPU that runs this process and
 * so aborts the sequences there. All CPUs, not one: a slot may be numbered by a
 * concurrency id, which is not a CPU number.
 */
#ifndef OS_FENCE_H
#define OS_FENCE_H

#include "base/compiler.h"

/* Announce that we will fence. False where the kernel can't: then no rseq either. */
bool fence_init(void);

/*
 * Returns false when the kernel refuses (a seccomp filter that came later): then
 * nothing is known, and what was exchanged must be put back. Keeps errno.
 */
bool fence(void);

#endif

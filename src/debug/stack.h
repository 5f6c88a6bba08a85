/*
 * stack.h: who called us, without allocating, in tens of nanoseconds.
 */
#ifndef DEBUG_STACK_H
#define DEBUG_STACK_H

#include "debug/table.h"

/*
 * Return addresses from the one behind @caller on, nearest first; at most @max. When
 * @caller is not among them, all. From signal handlers too.
 */
unsigned stack_capture(const void *caller, uintptr_t *frames, unsigned max);

/* This thread, now, here. */
struct track track_now(const void *caller);

/* The forking thread has another number in the child. */
void track_after_fork(void);

#endif

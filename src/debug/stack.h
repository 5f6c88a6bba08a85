/*
 * stack.h: who called us, without allocating, in tens of nanoseconds.
 */
#ifndef DEBUG_STACK_H
#define DEBUG_STACK_H

#include "base/compiler.h"

enum { WALK_MAX = 40 };                 /* with the library's own frames */

/* A stack as it was walked, nearest first. */
struct walk {
	unsigned count;
	unsigned first;                 /* the frame behind the caller asked for */
	uintptr_t pc[WALK_MAX];         /* return addresses, */
	uintptr_t sp[WALK_MAX];         /* and just above where each stands on the stack */
};

/*
 * Walk from @frame, a function's __builtin_frame_address(0). When @caller is not met, first
 * is the frame behind @frame. True: by memory, and sp is right for every frame.
 */
bool stack_walk(struct walk *walk, const void *caller, const uintptr_t *frame);

/*
 * Return addresses from the one behind @caller on, nearest first; at most @max. When
 * @caller is not among them, all. From signal handlers too.
 */
unsigned stack_capture(const void *caller, uintptr_t *frames, unsigned max);

#endif

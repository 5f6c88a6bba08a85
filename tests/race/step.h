/*
 * step.h: step through a call by the trap flag, and do something at one of its instructions.
 *
 * The handler stands for whatever may come in between: a signal, or another thread, whose whole
 * work falls between two instructions. No timing is needed, and no luck.
 */
#ifndef RACE_STEP_H
#define RACE_STEP_H

#include "race.h"

#include <ucontext.h>

static volatile unsigned steps_left;            /* until do_at_step; 0: never */
static void (*volatile do_at_step)(void);
static bool steps_go_on;                        /* after that, too */

#if defined(__x86_64__)
#define STEP_CAN 1
#define STEP_END(context) \
	(((ucontext_t *)(context))->uc_mcontext.gregs[REG_EFL] &= ~0x100)
#define STEP_BEGIN(context) \
	(((ucontext_t *)(context))->uc_mcontext.gregs[REG_EFL] |= 0x100)
/* Past the red zone, since a push writes there. */
#define STEP_FLAG(change)                                                       \
	asm volatile("lea -128(%%rsp), %%rsp\n\tpushfq\n\t" change "\n\tpopfq\n\t" \
		     "lea 128(%%rsp), %%rsp" : : : "memory", "cc")
#define STEP_ON   STEP_FLAG("orq $0x100, (%%rsp)")
#define STEP_OFF  STEP_FLAG("andq $~0x100, (%%rsp)")
#else
#define STEP_CAN 0
#define STEP_END(context) (void)(context)
#define STEP_BEGIN(context) (void)(context)
#define STEP_ON
#define STEP_OFF
#endif

static void on_step(int number, siginfo_t *info, void *context)
{
	(void)number;
	(void)info;
	if (steps_left == 0 || --steps_left != 0)
		return;
	do_at_step();
	if (!steps_go_on)
		STEP_END(context);
}

/* False: @call ended before its instruction number @step, and nothing was done. */
static NEVER_INLINE bool step_through(void (*call)(void), unsigned step, void (*act)(void))
{
	struct sigaction action = { .sa_sigaction = on_step, .sa_flags = SA_SIGINFO };

	sigaction(SIGTRAP, &action, NULL);
	do_at_step = act;
	steps_left = step;
	STEP_ON;
	call();
	STEP_OFF;
	return steps_left == 0;
}

#endif

/*
 * program.h: a trace turned into one list of steps for each CPU.
 *
 * The threads of a replay must not overtake each other on an object: what a record
 * does to a slot comes after what the record before it did to the same slot. Records
 * of one CPU are in order by themselves. Only where the slot's last record ran on
 * another CPU must a thread wait; those places are found here, once, so that all
 * other steps cost the replay nothing.
 *
 *   P1  cpu[c].steps are the trace's records of CPU c, in the file's order.
 *   P2  the n-th step with STEP_WAIT belongs to waits[n]: before it, that CPU must
 *       have done that many steps.
 *   P3  the last step each wait asks for has STEP_PUBLISH: its thread tells after it.
 *   P4  a wait asks for a record that is earlier in the file. So the earliest record
 *       not yet done never waits, and no set of threads can wait in a circle.
 */
#ifndef TOOLS_PROGRAM_H
#define TOOLS_PROGRAM_H

#include "trace.h"

enum { STEP_FREE = 1, STEP_WAIT = 2, STEP_PUBLISH = 4 };

struct step {
	uint32_t record;     /* its index in the trace */
	uint32_t slot;
	uint16_t entry;
	uint8_t flags;
};

struct wait {
	uint32_t cpu;
	uint32_t steps;      /* that it must have done */
};

struct cpu_program {
	struct step *steps;
	struct wait *waits;
	uint32_t steps_count, waits_count, waits_room;
};

struct program {
	uint32_t cpus;
	struct cpu_program *cpu;
};

/* Returns false when there is no memory; free it in both cases. */
bool program_make(struct program *program, const struct trace *trace);
void program_free(struct program *program);

#endif

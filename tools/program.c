/*
 * program.c: find the few steps that must wait.
 *
 * What a CPU has waited for once it knows for good: if CPU 0 has seen CPU 1 do 500
 * steps, step 400 needs no wait of its own. That halves the waits of a real trace.
 * What it could know by way of a third CPU is not followed; a needless wait costs
 * one look at a number.
 */
#include "program.h"

#include <stdlib.h>

/* The last step on a slot. */
struct last {
	uint32_t cpu;
	uint32_t steps;      /* done by that CPU up to and with it; 0: the slot is new */
};

struct maker {
	const struct trace *trace;
	struct program *program;
	struct last *last;           /* by slot */
	uint32_t *known;             /* [me * cpus + other]: steps I know other has done */
};

static void count_steps(struct program *program, const struct trace *trace)
{
	for (uint32_t i = 0; i < trace->events; i++)
		program->cpu[trace->records[i].cpu].steps_count++;
}

static bool make_lists(struct program *program, const struct trace *trace)
{
	program->cpu = calloc(program->cpus, sizeof(*program->cpu));
	if (program->cpu == NULL)
		return false;
	count_steps(program, trace);
	for (uint32_t i = 0; i < program->cpus; i++) {
		struct cpu_program *cpu = &program->cpu[i];

		cpu->steps = malloc((cpu->steps_count + 1ul) * sizeof(*cpu->steps));
		if (cpu->steps == NULL)
			return false;
		cpu->steps_count = 0;        /* counted again as they are filled in */
	}
	return true;
}

static bool push_wait(struct cpu_program *cpu, const struct last *last)
{
	if (cpu->waits_count == cpu->waits_room) {
		uint32_t room = cpu->waits_room == 0 ? 1024 : 2 * cpu->waits_room;
		struct wait *larger = realloc(cpu->waits, room * sizeof(*larger));

		if (larger == NULL)
			return false;
		cpu->waits = larger;
		cpu->waits_room = room;
	}
	cpu->waits[cpu->waits_count++] = (struct wait){ last->cpu, last->steps };
	return true;
}

/* Make @step of CPU @me come after @last. */
static bool order(struct maker *maker, uint32_t me, struct step *step, const struct last *last)
{
	uint32_t *known = &maker->known[me * maker->program->cpus + last->cpu];

	if (last->cpu == me || last->steps <= *known)
		return true;
	*known = last->steps;
	step->flags |= STEP_WAIT;
	maker->program->cpu[last->cpu].steps[last->steps - 1].flags |= STEP_PUBLISH;
	return push_wait(&maker->program->cpu[me], last);
}

static bool add_record(struct maker *maker, uint32_t index)
{
	const struct trace_record *record = &maker->trace->records[index];
	struct cpu_program *cpu = &maker->program->cpu[record->cpu];
	struct step *step = &cpu->steps[cpu->steps_count++];
	struct last *last = &maker->last[record->slot];

	*step = (struct step){
		.record = index,
		.slot = record->slot,
		.entry = record->entry,
		.flags = op_is_free(record->op) ? STEP_FREE : 0,
	};
	if (!order(maker, record->cpu, step, last))
		return false;
	*last = (struct last){ record->cpu, cpu->steps_count };
	return true;
}

static bool add_records(struct maker *maker)
{
	for (uint32_t i = 0; i < maker->trace->events; i++)
		if (!add_record(maker, i))
			return false;
	return true;
}

bool program_make(struct program *program, const struct trace *trace)
{
	struct maker maker = { .trace = trace, .program = program };
	bool made;

	*program = (struct program){ .cpus = trace->cpus };
	maker.last = calloc(trace->slots + 1ul, sizeof(*maker.last));
	maker.known = calloc((size_t)trace->cpus * trace->cpus, sizeof(*maker.known));
	made = maker.last != NULL && maker.known != NULL && make_lists(program, trace) &&
	       add_records(&maker);
	free(maker.last);
	free(maker.known);
	return made;
}

void program_free(struct program *program)
{
	for (uint32_t i = 0; program->cpu != NULL && i < program->cpus; i++) {
		free(program->cpu[i].steps);
		free(program->cpu[i].waits);
	}
	free(program->cpu);
	*program = (struct program){ 0 };
}

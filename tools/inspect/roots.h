/*
 * roots.h: where a program's pointers start: its writable memory but for what ukmem
 * manages, its stacks from the stack pointers up, its registers.
 */
#ifndef INSPECT_ROOTS_H
#define INSPECT_ROOTS_H

#include "target.h"

struct range {
	uint64_t start, end;
	/* Of the stack it is a part of, or 0: there, nothing below a stack pointer is in use. */
	uint64_t stack_start, stack_end;
};

struct roots {
	struct range *range;
	size_t count;
	uint64_t *word;                /* contents of registers */
	size_t words;
	uint64_t *stack_pointer;
	size_t stack_pointers;
};

/* False when out of memory. */
bool roots_collect(struct roots *roots, struct target *target);
void roots_free(struct roots *roots);

/* For the two halves below; false when out of memory. */
bool roots_add_range(struct roots *roots, struct range range);
bool roots_add_words(struct roots *roots, const void *bytes, size_t size);
bool roots_add_stack_pointer(struct roots *roots, uint64_t address);

/* roots_live.c, roots_core.c */
bool roots_live(struct roots *roots, struct target *target);
bool roots_core(struct roots *roots, struct target *target);

/* ---- Threads at rest (stop.c) ------------------------------------------------------ */

struct stopped_thread {
	pid_t id;
	int signal;                    /* that it was about to get */
};

struct stopped {
	struct stopped_thread *thread;
	size_t count;
};

/*
 * Stop all threads of a process, as a debugger does. False when that isn't permitted, or
 * a thread does not come to rest: then none is. They go on by themselves if we die.
 */
bool stop_process(struct stopped *stopped, pid_t pid);
void stop_end(struct stopped *stopped);

/*
 * until_exit.c: run a program to where all is done and its memory still there; then it rests.
 * -1, with a word, when there was none to run or it came to another end. And let it go: its
 * exit status.
 */
pid_t run_until_exit(char **words);
int let_exit(pid_t pid);

/* A thread at rest: add what its registers hold. */
bool stop_registers(struct roots *roots, pid_t thread);

#endif

/*
 * lines.h: what the counted program and the counter share.
 */
#ifndef BENCH_LINES_H
#define BENCH_LINES_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

enum kind {
	REFILL_SHARED, REFILL_SLABS, REFILL_GROWS,
	FLUSH_SHARED, FLUSH_SLABS,
	ALIEN_PARKS, ALIEN_SENDS,
	KINDS
};

enum { CALLS_MAX = 96, CPUS = 2 };

/* One counted call, as the program tells of it. */
struct call {
	enum kind kind;
	unsigned cpu, objects;
	uintptr_t own_start, own_end;           /* this CPU's array */
	uintptr_t common_start, common_end;     /* the node's shared array */
};

/* In memory that both see. */
struct counted {
	unsigned calls;                 /* the number of the one under way, then of all */
	bool ended;
	struct call call[CALLS_MAX];
};

/* program.c: be counted. Every counted call stands between two breakpoints. */
void program_run(struct counted *counted, bool two_nodes);

#endif

/*
 * player.h: the steps of one CPU, played by one thread.
 */
#ifndef TOOLS_PLAYER_H
#define TOOLS_PLAYER_H

#include <stdatomic.h>

#include "round.h"

enum { CACHE_LINE_BYTES = 64 };

/* How far a CPU's thread is: on a line of its own, written by it, read by those that wait. */
struct progress {
	_Alignas(CACHE_LINE_BYTES) atomic_uint steps;   /* as of the last STEP_PUBLISH */
};

struct player {
	const struct round *round;
	const struct cpu_program *program;
	const struct wait *next_wait;
	struct progress *mine;
	struct progress *all;       /* by CPU */
	uint32_t *seen;             /* by CPU: its progress when last looked at */
	atomic_bool *failed;        /* one has; the others stop where they would wait */
};

/* Play all steps; stops early, after one line on stderr, when one fails. */
void player_play(struct player *player);

/* Complain that @slot's object does not hold its word. @record: which one found it, or -1. */
void player_say_wrong_word(const struct round *round, const struct slot *slot, int64_t record);

#endif

/*
 * round.h: one round, the whole trace through one allocator, a thread for each CPU.
 */
#ifndef TOOLS_ROUND_H
#define TOOLS_ROUND_H

#include "kinds.h"
#include "program.h"

/* Where a slot's object is, and which record allocated it (that tells its word). */
struct slot {
	void *object;            /* NULL: empty */
	uint32_t record;
};

struct round {
	enum allocator allocator;
	const struct trace *trace;
	const struct program *program;
	const struct kinds *kinds;
	struct slot *slots;      /* all empty before and after */
	bool check;              /* write a word into each object, and look at it again */
	bool pin;                /* a thread to a CPU */
	void (*progress)(uint64_t done, uint64_t all);   /* now and then; or NULL */
};

/*
 * Play all records. *@seconds: from the first thread's begin to the last one's end.
 * The objects that the trace never frees stay in the slots.
 * Returns false after one line on stderr; the slots are good for nothing then.
 */
bool round_play(const struct round *round, double *seconds);

/* Free what is still in the slots. Returns false after one line on stderr. */
bool round_free_live(const struct round *round);

#endif

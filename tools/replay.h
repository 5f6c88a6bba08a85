/*
 * replay.h: "ukmem replay": its options, and what a replay found out.
 */
#ifndef TOOLS_REPLAY_H
#define TOOLS_REPLAY_H

#include "kinds.h"
#include "trace.h"

enum { EXIT_REPLAY_FAILED = 1 };

enum { ROUNDS_MAX = 1000, ROUNDS_VS = 5 };         /* ROUNDS_VS: an odd few, for a median */

struct replay_options {
	bool vs_malloc, json, quiet, check, pin;
	unsigned rounds;
	char **files;
	int files_count;
};

/*
 * One allocator's figures. Bytes are growth over what was resident before its first
 * round; INT64_MIN: unknown. All are of the first round, when it began from nothing.
 */
struct side {
	double *seconds;            /* by round */
	int64_t peak_bytes;         /* at most, while playing */
	int64_t live_bytes;         /* at the end, the trace's last objects still live */
	int64_t left_bytes;         /* all objects freed, and free memory given back */
};

struct replay {
	const struct trace *trace;
	const struct replay_options *options;
	struct side side[ALLOCATORS];
	uint64_t refills, flushes;  /* of all rounds: calls that a CPU's array could not serve */
	bool is_rseq;               /* false: the arrays were used under locks */
	char *slabinfo;             /* of the last round, the trace's last objects still live */
};

int replay_main(int argc, char **argv);

/* Returns -1 to go on; else the status to exit with, after help or one line on stderr. */
int replay_parse(struct replay_options *options, int argc, char **argv);

/* Returns false after one line on stderr. Free it in both cases. */
bool replay_run(struct replay *replay, const struct trace *trace,
		const struct replay_options *options);
void replay_free(struct replay *replay);

#endif

/*
 * bench.h: the workloads of bench/worker, run under each allocator, side by side.
 *
 * Every sample is a process of its own, and the allocators take turns: round 1 of all,
 * round 2 of all, ... so that a slow minute of the machine meets everybody. What is
 * compared are medians, and ratios taken round by round.
 */
#ifndef TOOLS_BENCH_H
#define TOOLS_BENCH_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

enum { PEERS_MAX = 8, ROWS_MAX = 128, BENCH_ROUNDS_MAX = 99 };

/* Who takes part: a worker, and what LD_PRELOAD puts under it. */
struct peer {
	const char *name;
	const char *binding;            /* of build/bench-BINDING */
	char library[256];              /* to preload; empty: none */
	bool counts;                    /* for "best of the others" */
};

/* One workload at one size. */
struct row {
	char workload[32];
	unsigned size;
	bool threads;
};

/* What a worker printed. */
struct sample {
	double ns, alloc_ns, free_ns;
	double peak_bytes, idle_bytes, live_bytes, live_objects;
	bool there;
};

/* The medians of one peer in one row, and ours over it. */
struct cell {
	struct sample median;
	double ratio;                   /* ukmem's ns over this peer's, NAN without */
};

struct bench_options {
	bool list, quick;
	const char *only;               /* comma-separated workloads; NULL: all */
	const char *format;             /* table, json, csv, markdown */
	unsigned rounds;
	double seconds;
};

struct bench {
	struct bench_options options;
	struct peer peers[PEERS_MAX];
	unsigned peers_count;
	struct row rows[ROWS_MAX];
	unsigned rows_count;
	struct cell cells[ROWS_MAX][PEERS_MAX];
};

int bench_main(int argc, char **argv);

/* bench_peers.c: fill in who is there; ukmem is always the first. */
void bench_find_peers(struct bench *bench);

/* bench_worker.c: where the workers are; false with a line on stderr if not. */
bool bench_list_rows(struct bench *bench);
bool bench_sample(const struct bench *bench, const struct row *row, const struct peer *peer,
		  struct sample *sample);

/* bench_report.c */
void bench_report(const struct bench *bench);

/* Ours over the best of the peers that count, by ns; NAN when there is none. */
double bench_best_ratio(const struct bench *bench, unsigned row);

#endif

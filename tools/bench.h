/*
 * bench.h: the workloads of bench/worker, run under each allocator, side by side.
 *
 * Every sample is a process of its own, and the allocators take turns: round 1 of all,
 * round 2 of all, ... so that a slow minute of the machine meets everybody. What is
 * compared are medians, and ratios taken round by round.
 *
 * A host may move virtual CPUs, and then a cache line between two of them takes 60 or
 * 350 ns. So each sample with threads has a place: how far the CPUs were apart before
 * and after it. A round with samples of different places is taken again; the medians
 * and ratios of a row are over the rounds of one place, the one it has most of.
 */
#ifndef TOOLS_BENCH_H
#define TOOLS_BENCH_H

#include <stdbool.h>
#include <stdio.h>
#include <sys/types.h>

#include "../bench/figures.h"

enum { PEERS_MAX = 10, ROWS_MAX = 128, BENCH_ROUNDS_MAX = 99, TRACES_MAX = 16 };

/* Who takes part: a worker, and what LD_PRELOAD puts under it. */
struct peer {
	const char *name;
	const char *binding;            /* of bench-BINDING */
	char library[256];              /* to preload; empty: none */
	bool is_ours;
	bool counts;                    /* for "best of the others" */
};

enum place { PLACE_ALONE, PLACE_NEAR, PLACE_FAR, PLACE_MOVED };

struct sample {
	double value[FIGURES];          /* NAN: not measured */
	enum place place;
	bool there;
};

/* One workload at one size, with all its samples. */
struct row {
	char workload[24], what[96], kind[8];   /* kind: letters, see bench/worker/list.c */
	char label[32];                 /* the size, "mixed", or the trace's name */
	unsigned size;                  /* 0: mixed */
	const char *trace;              /* to play; NULL: a workload of the workers */
	unsigned rounds;
	double seconds;
	struct sample *samples;         /* [peer * rounds + round] */
	enum place place;               /* of the rounds that count */
};

struct bench_options {
	bool list, quick;
	const char *only;               /* comma-separated workloads; NULL: all */
	const char *format;             /* table, json, csv, markdown */
	const char *library_options;    /* UKMEM_OPTIONS of ours; NULL: as it is */
	const char *commit;             /* to be named in what is kept */
	const char *save;               /* a directory; NULL: nothing is kept */
	const char *traces[TRACES_MAX];
	unsigned traces_count;
	unsigned rounds;
	double seconds;
};

struct bench {
	struct bench_options options;
	struct peer peers[PEERS_MAX];
	unsigned peers_count;
	struct row rows[ROWS_MAX];
	unsigned rows_count;
	double hit_instructions;        /* of both hits, in the disassembly; NAN: unknown */
};

int bench_main(int argc, char **argv);

/* bench_options.c: -1 to go on, else the exit status. */
int bench_parse(struct bench_options *options, int argc, char **argv);

/* bench_peers.c: fill in who is there; ukmem is always the first. */
void bench_find_peers(struct bench *bench);
int bench_peer(const struct bench *bench, const char *name);    /* -1: not there */

/* bench_rows.c: what there is to run; false with a line on stderr if there is nothing. */
bool bench_list_rows(struct bench *bench);
/* Is there a row for each name in options.only? Else false with a line on stderr. */
bool bench_has_all_wanted(const struct bench *bench);
static inline bool row_is(const struct row *row, const char *workload)
{
	return __builtin_strcmp(row->workload, workload) == 0;
}
static inline bool row_has(const struct row *row, char letter)
{
	return __builtin_strchr(row->kind, letter) != NULL;
}

/* bench_worker.c */
struct worker {
	pid_t child;                    /* 0: none */
	int output;
};
bool worker_path(const char *binding, char *path, size_t size);
int worker_capture(const char *path, char *const *arguments, char *text, size_t size);
struct worker worker_start(const struct bench *bench, const struct row *row,
			   const struct peer *peer);
void worker_finish(struct worker *worker, struct sample *sample);

/* bench_run.c: take all samples of a row. */
bool bench_run_row(struct bench *bench, unsigned row);

/* bench_line.c: ns that a cache line takes from one CPU to another and back; 0: one CPU. */
double line_round_trip_ns(void);

/* bench_count.c: instructions of the library's two hits, NAN where they can't be read. */
double hit_instructions(void);

/* ---- bench_figures.c: NAN where there is nothing --------------------------------- */

unsigned row_rounds_counted(const struct row *row);
double row_median(const struct bench *bench, unsigned row, int peer, enum figure figure);
double row_worst(const struct bench *bench, unsigned row, int peer, enum figure figure);

/* The median of @ours / @theirs, or of @ours - @theirs, round by round. */
double row_ratio(const struct bench *bench, unsigned row, int ours, int theirs, enum figure figure);
double row_difference(const struct bench *bench, unsigned row, int ours, int theirs,
		      enum figure figure);

/* @ours over the best of the peers that count. */
double row_best_ratio(const struct bench *bench, unsigned row, int ours, enum figure figure);

/* Rows of ns per pair, which the geometric mean of all rows is over. */
bool row_is_timed(const struct row *row);
double all_rows_mean(const struct bench *bench, int ours, double *worst, unsigned *worst_row);

/* ---- printing ----------------------------------------------------------------------- */

void bench_print(const struct bench *bench, const char *format, FILE *to);
void bench_print_sections(const struct bench *bench, bool markdown, FILE *to);        /* bench_sections.c */
void bench_print_targets(const struct bench *bench, bool markdown, FILE *to);         /* bench_targets.c */
void bench_print_json(const struct bench *bench, FILE *to);             /* bench_json.c */
void bench_print_csv(const struct bench *bench, FILE *to);
void bench_print_machine(const struct bench *bench, FILE *to);          /* bench_machine.c */

/* bench_save.c: DATE-COMMIT.md, .json and, with gnuplot, .svg; false with a line on stderr. */
bool bench_save(const struct bench *bench);

#endif

/*
 * report.h: print what a replay found out, for people or as JSON.
 *
 * Begin, print each replay, end: in JSON all of them are one object.
 */
#ifndef TOOLS_REPORT_H
#define TOOLS_REPORT_H

#include "replay.h"

void report_begin(const struct replay_options *options);
void report_print(const struct replay *replay, bool is_first);
void report_end(const struct replay_options *options);

/* The two forms; report.c chooses. */
void table_print(const struct replay *replay, bool is_first);
void json_print(const struct replay *replay, bool is_first);

/* What both print. */
struct figures {
	double seconds[ALLOCATORS];          /* median of rounds */
	double events_per_second[ALLOCATORS];
	double alloc_hit_rate, free_hit_rate; /* 0..1; NAN: no calls */
	double ratio, ratio_min, ratio_max;  /* time of ukmem / malloc; the first is the median */
};

/* How many sides were played: ukmem, and malloc with --vs. */
int sides_count(const struct replay *replay);
void figures_make(struct figures *figures, const struct replay *replay);

#endif

/*
 * figures.c: from what was measured to what is printed.
 */
#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "report.h"

static int compare(const void *a, const void *b)
{
	double x = *(const double *)a, y = *(const double *)b;

	return (x > y) - (x < y);
}

static double median(const double *sorted, unsigned count)
{
	return (sorted[(count - 1) / 2] + sorted[count / 2]) / 2;
}

/* 1 - @misses / @all: the part that never left the per-CPU array. */
static double hit_rate(uint64_t misses, uint64_t all)
{
	return all > 0 ? 1 - (double)misses / (double)all : NAN;
}

static void make_side(struct figures *figures, const struct replay *replay, int side)
{
	unsigned rounds = replay->options->rounds;
	double sorted[ROUNDS_MAX];

	memcpy(sorted, replay->side[side].seconds, rounds * sizeof(*sorted));
	qsort(sorted, rounds, sizeof(*sorted), compare);
	figures->seconds[side] = median(sorted, rounds);
	figures->events_per_second[side] = replay->trace->events / figures->seconds[side];
}

/* Round by round, so that a slow moment of the machine meets both of a pair. */
static void make_ratio(struct figures *figures, const struct replay *replay)
{
	unsigned rounds = replay->options->rounds;
	double sorted[ROUNDS_MAX];

	for (unsigned i = 0; i < rounds; i++)
		sorted[i] = replay->side[ALLOCATOR_UKMEM].seconds[i] /
			    replay->side[ALLOCATOR_MALLOC].seconds[i];
	qsort(sorted, rounds, sizeof(*sorted), compare);
	figures->ratio = median(sorted, rounds);
	figures->ratio_min = sorted[0];
	figures->ratio_max = sorted[rounds - 1];
}

int sides_count(const struct replay *replay)
{
	return replay->options->vs_malloc ? ALLOCATORS : 1;
}

void figures_make(struct figures *figures, const struct replay *replay)
{
	const struct trace *trace = replay->trace;
	uint64_t rounds = replay->options->rounds;

	*figures = (struct figures){ 0 };
	for (int side = 0; side < sides_count(replay); side++)
		make_side(figures, replay, side);
	if (replay->options->vs_malloc)
		make_ratio(figures, replay);
	figures->alloc_hit_rate = hit_rate(replay->refills, rounds * trace->allocs);
	figures->free_hit_rate =
		hit_rate(replay->flushes, rounds * (trace->events - trace->allocs));
}

/*
 * bench_figures.c: from samples to medians and ratios.
 */
#include <math.h>
#include <stdlib.h>

#include "bench.h"

enum { VALUES_MAX = 3 * BENCH_ROUNDS_MAX };

static int compare(const void *a, const void *b)
{
	double x = *(const double *)a, y = *(const double *)b;

	return (x > y) - (x < y);
}

static double median_of(double *values, unsigned count)
{
	if (count == 0)
		return NAN;
	qsort(values, count, sizeof(*values), compare);
	return (values[(count - 1) / 2] + values[count / 2]) / 2;
}

static const struct sample *sample_at(const struct row *row, int peer, unsigned round)
{
	return &row->samples[(unsigned)peer * row->rounds + round];
}

/* A round is of the place of its first sample, or of no place at all. */
static bool round_counts(const struct row *row, unsigned round)
{
	return sample_at(row, 0, round)->place == row->place;
}

unsigned row_rounds_counted(const struct row *row)
{
	unsigned count = 0;

	for (unsigned round = 0; round < row->rounds; round++)
		count += round_counts(row, round);
	return count;
}

/* All measured values of the rounds that count. */
static unsigned values_of(const struct row *row, int peer, enum figure figure, double *values)
{
	unsigned count = 0;

	for (unsigned round = 0; peer >= 0 && round < row->rounds; round++) {
		const struct sample *sample = sample_at(row, peer, round);

		if (round_counts(row, round) && sample->there && !isnan(sample->value[figure]))
			values[count++] = sample->value[figure];
	}
	return count;
}

double row_median(const struct bench *bench, unsigned row, int peer, enum figure figure)
{
	double values[VALUES_MAX];

	return median_of(values, values_of(&bench->rows[row], peer, figure, values));
}

double row_worst(const struct bench *bench, unsigned row, int peer, enum figure figure)
{
	double values[VALUES_MAX], worst = NAN;
	unsigned count = values_of(&bench->rows[row], peer, figure, values);

	for (unsigned i = 0; i < count; i++)
		worst = values[i] <= worst ? worst : values[i];
	return worst;
}

static double quotient(double ours, double theirs)
{
	return theirs > 0 ? ours / theirs : NAN;
}

static double difference(double ours, double theirs)
{
	return ours - theirs;
}

static double by_round(const struct row *row, int ours, int theirs, enum figure figure,
		       double (*of)(double ours, double theirs))
{
	double values[VALUES_MAX];
	unsigned count = 0;

	for (unsigned round = 0; ours >= 0 && theirs >= 0 && round < row->rounds; round++) {
		const struct sample *a = sample_at(row, ours, round);
		const struct sample *b = sample_at(row, theirs, round);

		if (!round_counts(row, round) || !a->there || !b->there)
			continue;
		values[count] = of(a->value[figure], b->value[figure]);
		count += !isnan(values[count]);
	}
	return median_of(values, count);
}

double row_ratio(const struct bench *bench, unsigned row, int ours, int theirs, enum figure figure)
{
	return by_round(&bench->rows[row], ours, theirs, figure, quotient);
}

double row_difference(const struct bench *bench, unsigned row, int ours, int theirs,
		      enum figure figure)
{
	return by_round(&bench->rows[row], ours, theirs, figure, difference);
}

double row_best_ratio(const struct bench *bench, unsigned row, int ours, enum figure figure)
{
	double best = NAN;

	for (unsigned peer = 0; peer < bench->peers_count; peer++) {
		double ratio;

		if (!bench->peers[peer].counts)
			continue;
		ratio = row_ratio(bench, row, ours, (int)peer, figure);
		if (!isnan(ratio) && !(ratio <= best))
			best = ratio;
	}
	return best;
}

bool row_is_timed(const struct row *row)
{
	return !row_has(row, 'i') && !row_has(row, 'x') && !row_has(row, 'M');
}

double all_rows_mean(const struct bench *bench, int ours, double *worst, unsigned *worst_row)
{
	double sum = 0;
	unsigned count = 0;

	*worst = NAN;
	for (unsigned row = 0; row < bench->rows_count; row++) {
		double ratio = row_best_ratio(bench, row, ours, FIGURE_NS);

		if (isnan(ratio) || !row_is_timed(&bench->rows[row]))
			continue;
		sum += log(ratio);
		count++;
		if (!(ratio <= *worst)) {
			*worst = ratio;
			*worst_row = row;
		}
	}
	return count > 0 ? exp(sum / count) : NAN;
}

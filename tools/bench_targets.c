/*
 * bench_targets.c: what ukmem wants to reach, and whether this run reached it.
 *
 * A goal is met by the worst of its rows, unless it says "mean": a geometric mean.
 * Mixed sizes have a line of their own: as any row they shall not be above 0.85.
 * Rows that were not run make a goal "not measured", never a yes.
 */
#include <math.h>
#include <string.h>

#include "bench.h"
#include "grid.h"

struct found {
	double sum, worst;              /* sum: of logarithms */
	unsigned count;
};

static void add(struct found *found, double value)
{
	if (isnan(value))
		return;
	found->sum += log(value);
	found->worst = found->count == 0 || value > found->worst ? value : found->worst;
	found->count++;
}

static double mean_of(const struct found *found)
{
	return found->count > 0 ? exp(found->sum / found->count) : NAN;
}

static double worst_of(const struct found *found)
{
	return found->count > 0 ? found->worst : NAN;
}

/* @names: workloads with a blank before and after each. */
static bool is_among(const struct row *row, const char *names)
{
	char padded[32];

	snprintf(padded, sizeof(padded), " %s ", row->workload);
	return strstr(names, padded) != NULL;
}

typedef double (*row_figure)(const struct bench *bench, unsigned row, int ours);

static struct found collect(const struct bench *bench, const char *names, int ours,
			    row_figure figure)
{
	struct found found = { 0 };

	for (unsigned row = 0; ours >= 0 && row < bench->rows_count; row++)
		if (is_among(&bench->rows[row], names))
			add(&found, figure(bench, row, ours));
	return found;
}

static bool is_mixed(const struct row *row)
{
	return row->size == 0 && row->trace == NULL;
}

/* ---- figures of one row ------------------------------------------------------------- */

static double time_ratio(const struct bench *bench, unsigned row, int ours)
{
	return is_mixed(&bench->rows[row]) ? NAN : row_best_ratio(bench, row, ours, FIGURE_NS);
}

static double mixed_ratio(const struct bench *bench, unsigned row, int ours)
{
	return is_mixed(&bench->rows[row]) ? row_best_ratio(bench, row, ours, FIGURE_NS) : NAN;
}

static double tail_ratio(const struct bench *bench, unsigned row, int ours)
{
	return row_best_ratio(bench, row, ours, FIGURE_ANY_P9999);
}

static double peak_ratio(const struct bench *bench, unsigned row, int ours)
{
	return row_best_ratio(bench, row, ours, FIGURE_PEAK_BYTES);
}

static double worst_start(const struct bench *bench, unsigned row, int ours)
{
	return row_worst(bench, row, ours, FIGURE_NS) / row_median(bench, row, ours, FIGURE_NS);
}

static double over_ring(const struct bench *bench, unsigned row, int ours)
{
	return row_difference(bench, row, ours, bench_peer(bench, "floor"), FIGURE_NS);
}

static double over_dpdk(const struct bench *bench, unsigned row, int ours)
{
	return row_ratio(bench, row, ours, bench_peer(bench, "dpdk"), FIGURE_NS);
}

static double overhead(const struct bench *bench, unsigned row, int ours)
{
	if (bench->rows[row].size != 64)
		return NAN;
	return (row_median(bench, row, ours, FIGURE_PEAK_BYTES) -
		row_median(bench, row, ours, FIGURE_LIVE_BYTES)) /
	       row_median(bench, row, ours, FIGURE_LIVE_OBJECTS);
}

static double idle_ratio(const struct bench *bench, unsigned row, int ours)
{
	double base = row_median(bench, row, ours, FIGURE_BASE_BYTES);

	return (base + row_median(bench, row, ours, FIGURE_IDLE_BYTES)) / base;
}

static double growth_kib(const struct bench *bench, unsigned row, int ours)
{
	return row_median(bench, row, ours, FIGURE_PEAK_BYTES) / 1024;
}

/* ---- the goals ------------------------------------------------------------------------- */

static const struct goal {
	const char *what, *names, *ours;
	row_figure figure;
	double most;
	bool mean;
} goals[] = {
	{ "pair, batch, fifo, each size", " pair batch fifo ", "ukmem", time_ratio, 0.55, false },
	{ "... with the inline header", " pair batch fifo ", "inline", time_ratio, 0.40, false },
	{ "... the worst start over the median", " pair batch fifo ", "ukmem", worst_start, 1.3, false },
	{ "random, one thread and every CPU, mean", " random random-all ", "ukmem", time_ratio, 0.60, true },
	{ "prodcons", " prodcons ", "ukmem", time_ratio, 0.40, false },
	{ "prodcons, ns more than the bare ring", " prodcons ", "ukmem", over_ring, 2, false },
	{ "larson", " larson ", "ukmem", time_ratio, 0.60, false },
	{ "burst", " burst ", "ukmem", time_ratio, 0.65, false },
	{ "bytes over, a live object of 64 bytes", " burst ", "ukmem", overhead, 1.0, false },
	{ "resident 5 s after all was freed, over before", " idle ", "ukmem", idle_ratio, 1.1, false },
	{ "10,000 threads: KiB of growth", " churn ", "ukmem", growth_kib, 256, false },
	{ "10,000 threads: time", " churn ", "ukmem", time_ratio, 1.0, false },
	{ "mixed sizes, kmalloc and kfree", " pair batch random random-all prodcons larson ",
	  "ukmem", mixed_ratio, 0.85, false },
	{ "p99.99 of one operation", " latency ", "ukmem", tail_ratio, 0.5, false },
	{ "kernel trace replay: time", " replay ", "ukmem", time_ratio, 0.50, false },
	{ "kernel trace replay: peak memory", " replay ", "ukmem", peak_ratio, 1.0, false },
	{ "over DPDK's mempool, mean, inline header",
	  " pair batch random prodcons larson ", "inline", over_dpdk, 0.80, true },
	{ "... through the shared library (no goal)",
	  " pair batch random prodcons larson ", "ukmem", over_dpdk, NAN, true },
};

static void print_verdict(struct grid *grid, double value, double most)
{
	grid_number(grid, most, 2);
	grid_number(grid, value, 2);
	if (isnan(value))
		grid_text(grid, "not measured");
	else
		grid_text(grid, "%s", isnan(most) ? "" : value <= most ? "yes" : "no");
}

/* An overhead may be 0 or less, whose logarithm is none: only a worst is asked of it. */
static void print_goal(const struct bench *bench, const struct goal *goal, struct grid *grid)
{
	struct found found = collect(bench, goal->names, bench_peer(bench, goal->ours), goal->figure);

	grid_text(grid, "%s", goal->what);
	grid_text(grid, "%u", found.count);
	print_verdict(grid, goal->mean ? mean_of(&found) : worst_of(&found), goal->most);
	grid_number(grid, mean_of(&found), 2);
	grid_end_row(grid);
}

static void print_one(struct grid *grid, const char *what, unsigned rows, double value, double most)
{
	grid_text(grid, "%s", what);
	grid_text(grid, "%u", rows);
	print_verdict(grid, value, most);
	grid_text(grid, "-");
	grid_end_row(grid);
}

static unsigned timed_rows(const struct bench *bench)
{
	unsigned count = 0;

	for (unsigned row = 0; row < bench->rows_count; row++)
		count += row_is_timed(&bench->rows[row]);
	return count;
}

static void print_all_rows(const struct bench *bench, struct grid *grid)
{
	unsigned worst_row = 0, rows = timed_rows(bench);
	double worst, mean = all_rows_mean(bench, 0, &worst, &worst_row);
	char what[GRID_CELL_BYTES];

	print_one(grid, "geometric mean over all rows of time", rows, mean, 0.50);
	snprintf(what, sizeof(what), "no row above (the worst: %s %s)",
		 bench->rows[worst_row].workload, bench->rows[worst_row].label);
	print_one(grid, what, rows, worst, 0.85);
}

void bench_print_targets(const struct bench *bench, bool markdown, FILE *to)
{
	static const char *const heads[] = { "goal: ukmem / best of the others", "rows", "at most",
		"reached", "met", "mean of the rows" };
	struct grid *grid = grid_begin();

	grid_heads(grid, heads, sizeof(heads) / sizeof(*heads));
	grid_end_row(grid);
	for (unsigned i = 0; i < sizeof(goals) / sizeof(*goals); i++)
		print_goal(bench, &goals[i], grid);
	print_one(grid, "instructions of a pair of hits, out of line", 1, bench->hit_instructions, 28);
	print_all_rows(bench, grid);
	fprintf(to, "\n%sTargets\n\n", markdown ? "## " : "");
	grid_print(grid, markdown, to);
	fprintf(to, "\nScaling to 16 CPUs needs a machine with 16: none was to be had. Instead, atomic "
		"operations:\nsee above. A hit writes no line that another CPU reads; misses do, "
		"one batch at a time.\n");
}

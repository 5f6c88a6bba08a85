/*
 * bench_sections.c: what is no time of a pair: starts, single operations, memory,
 * instructions. Each section is a table with a line for each allocator.
 */
#include <math.h>
#include <string.h>

#include "bench.h"
#include "grid.h"

/* The row of that workload and label, or -1. */
static int find_row(const struct bench *bench, const char *workload, const char *label)
{
	for (unsigned row = 0; row < bench->rows_count; row++)
		if (row_is(&bench->rows[row], workload) &&
		    (label == NULL || strcmp(bench->rows[row].label, label) == 0))
			return (int)row;
	return -1;
}

static void title(const char *text, bool markdown, FILE *to)
{
	fprintf(to, "\n%s%s\n\n", markdown ? "## " : "", text);
}

/* Bytes as MB with three digits. */
static void megabytes(struct grid *grid, double bytes)
{
	grid_number(grid, bytes / 1e6, 3);
}

/* ---- process starts: the hot workloads, where luck of the addresses shows ----------- */

static void print_starts_of(const struct bench *bench, unsigned row, struct grid *grid)
{
	grid_text(grid, "%s %s", bench->rows[row].workload, bench->rows[row].label);
	for (unsigned peer = 0; peer < bench->peers_count; peer++) {
		double median = row_median(bench, row, (int)peer, FIGURE_NS);

		if (isnan(median))
			grid_text(grid, "-");
		else
			grid_text(grid, "%.2f %.2fx", median,
				  row_worst(bench, row, (int)peer, FIGURE_NS) / median);
	}
	grid_end_row(grid);
}

static void print_starts(const struct bench *bench, bool markdown, FILE *to)
{
	struct grid *grid = grid_begin();
	unsigned starts = 0;

	grid_text(grid, "workload");
	for (unsigned peer = 0; peer < bench->peers_count; peer++)
		grid_text(grid, "%s", bench->peers[peer].name);
	grid_end_row(grid);
	for (unsigned row = 0; row < bench->rows_count; row++)
		if (row_has(&bench->rows[row], 'h')) {
			print_starts_of(bench, row, grid);
			starts = bench->rows[row].rounds;
		}
	if (starts == 0)
		return;
	title("Process starts: the median, and the worst start over it", markdown, to);
	fprintf(to, "%u starts of each.\n\n", starts);
	grid_print(grid, markdown, to);
}

/* ---- single operations ------------------------------------------------------------------ */

static void print_latency_of(const struct bench *bench, int row, int peer, struct grid *grid)
{
	static const enum figure firsts[] = { FIGURE_ALLOC_P50, FIGURE_FREE_P50 };

	if (isnan(row_median(bench, (unsigned)row, peer, FIGURE_ANY_P50)))
		return;
	grid_text(grid, "%s", bench->peers[peer].name);
	for (int i = 0; i < 2; i++)
		for (int k = 0; k < 4; k++)
			grid_number(grid, row_median(bench, (unsigned)row, peer,
						     firsts[i] + (enum figure)k), 0);
	grid_number(grid, row_median(bench, (unsigned)row, peer, FIGURE_ANY_P9999), 0);
	grid_end_row(grid);
}

static void print_latency(const struct bench *bench, bool markdown, FILE *to)
{
	static const char *const heads[] = { "ns", "alloc p50", "p99", "p99.99", "max",
		"free p50", "p99", "p99.99", "max", "both p99.99" };
	int row = find_row(bench, "latency", NULL);
	struct grid *grid = grid_begin();

	if (row < 0)
		return;
	grid_heads(grid, heads, sizeof(heads) / sizeof(*heads));
	grid_end_row(grid);
	for (unsigned peer = 0; peer < bench->peers_count; peer++)
		print_latency_of(bench, row, (int)peer, grid);
	title("Single operations: mixed sizes, all CPUs busy", markdown, to);
	grid_print(grid, markdown, to);
}

/* ---- memory ------------------------------------------------------------------------------- */

/* Beyond the bytes asked for, by object. */
static double overhead(const struct bench *bench, int row, int peer)
{
	if (row < 0)
		return NAN;
	return (row_median(bench, (unsigned)row, peer, FIGURE_PEAK_BYTES) -
		row_median(bench, (unsigned)row, peer, FIGURE_LIVE_BYTES)) /
	       row_median(bench, (unsigned)row, peer, FIGURE_LIVE_OBJECTS);
}

static double median_or_nan(const struct bench *bench, int row, int peer, enum figure figure)
{
	return row < 0 ? NAN : row_median(bench, (unsigned)row, peer, figure);
}

static void print_memory_of(const struct bench *bench, int peer, struct grid *grid)
{
	int burst = find_row(bench, "burst", "64"), idle = find_row(bench, "idle", NULL);
	int churn = find_row(bench, "churn", NULL);
	double base = median_or_nan(bench, idle, peer, FIGURE_BASE_BYTES);

	grid_text(grid, "%s", bench->peers[peer].name);
	grid_number(grid, overhead(bench, burst, peer), 2);
	megabytes(grid, base);
	megabytes(grid, base + median_or_nan(bench, idle, peer, FIGURE_PEAK_BYTES));
	megabytes(grid, base + median_or_nan(bench, idle, peer, FIGURE_LEFT_BYTES));
	megabytes(grid, base + median_or_nan(bench, idle, peer, FIGURE_IDLE_BYTES));
	grid_number(grid, median_or_nan(bench, churn, peer, FIGURE_PEAK_BYTES) / 1024, 0);
	for (unsigned row = 0; row < bench->rows_count; row++)
		if (bench->rows[row].trace != NULL)
			megabytes(grid, row_median(bench, row, peer, FIGURE_PEAK_BYTES));
	grid_end_row(grid);
}

static void print_memory(const struct bench *bench, bool markdown, FILE *to)
{
	static const char *const heads[] = { "memory", "bytes over, an object of 64",
		"MB before", "at the peak", "all freed", "5 s later", "KiB of 10,000 threads" };
	struct grid *grid = grid_begin();

	if (find_row(bench, "burst", "64") < 0 && find_row(bench, "idle", NULL) < 0 &&
	    find_row(bench, "churn", NULL) < 0 && find_row(bench, "replay", NULL) < 0)
		return;
	grid_heads(grid, heads, sizeof(heads) / sizeof(*heads));
	for (unsigned row = 0; row < bench->rows_count; row++)
		if (bench->rows[row].trace != NULL)
			grid_text(grid, "MB, peak of %s", bench->rows[row].label);
	grid_end_row(grid);
	for (unsigned peer = 0; peer < bench->peers_count; peer++)
		print_memory_of(bench, (int)peer, grid);
	title("Memory: resident in a burst of 1,000,000 objects of 64 bytes and after", markdown, to);
	grid_print(grid, markdown, to);
}

/* ---- instructions ---------------------------------------------------------------------------- */

/* What a call takes more than its hit, on average. */
static double beyond(const struct bench *bench, int row, int peer, enum figure hit)
{
	return row_median(bench, (unsigned)row, peer, hit + 1) -
	       row_median(bench, (unsigned)row, peer, hit);
}

static double both(const struct bench *bench, int row, int peer, enum figure a, enum figure b)
{
	return row_median(bench, (unsigned)row, peer, a) + row_median(bench, (unsigned)row, peer, b);
}

static void print_steps_of(const struct bench *bench, int row, int peer, struct grid *grid)
{
	bool ours = bench->peers[peer].is_ours;

	if (isnan(row_median(bench, (unsigned)row, peer, FIGURE_ALLOC_HIT_STEPS)))
		return;
	grid_text(grid, "%s", bench->peers[peer].name);
	grid_number(grid, ours ? bench->hit_instructions :
		    both(bench, row, peer, FIGURE_ALLOC_HIT_STEPS, FIGURE_FREE_HIT_STEPS), 0);
	grid_number(grid, beyond(bench, row, peer, FIGURE_ALLOC_HIT_STEPS), 1);
	grid_number(grid, beyond(bench, row, peer, FIGURE_FREE_HIT_STEPS), 1);
	grid_number(grid, row_median(bench, (unsigned)row, peer, FIGURE_ALLOC_MISS_STEPS), 0);
	grid_number(grid, row_median(bench, (unsigned)row, peer, FIGURE_FREE_MISS_STEPS), 0);
	grid_number(grid, ours ? 0 :
		    both(bench, row, peer, FIGURE_ALLOC_HIT_ATOMICS, FIGURE_FREE_HIT_ATOMICS), 0);
	grid_number(grid, beyond(bench, row, peer, FIGURE_ALLOC_HIT_ATOMICS), 3);
	grid_number(grid, beyond(bench, row, peer, FIGURE_FREE_HIT_ATOMICS), 3);
	grid_end_row(grid);
}

static void print_steps(const struct bench *bench, bool markdown, FILE *to)
{
	static const char *const heads[] = { "instructions", "pair of hits", "more an alloc",
		"more a free", "a miss of alloc", "of free", "atomics, pair of hits",
		"more an alloc", "more a free" };
	int row = find_row(bench, "steps", NULL);
	struct grid *grid = grid_begin();

	if (row < 0)
		return;
	grid_heads(grid, heads, sizeof(heads) / sizeof(*heads));
	grid_end_row(grid);
	for (unsigned peer = 0; peer < bench->peers_count; peer++)
		print_steps_of(bench, row, (int)peer, grid);
	title("Instructions and atomic operations: 360 objects of 64 bytes, first in first out",
	      markdown, to);
	grid_print(grid, markdown, to);
	fprintf(to, "\nBy single stepping, within the allocator; ukmem's hits in the disassembly, its "
		"misses\nwith locked arrays (a step aborts a sequence). \"More\": the mean of all "
		"calls less a hit.\n");
}

void bench_print_sections(const struct bench *bench, bool markdown, FILE *to)
{
	print_starts(bench, markdown, to);
	print_latency(bench, markdown, to);
	print_memory(bench, markdown, to);
	print_steps(bench, markdown, to);
}

/*
 * bench_report.c: the figures for people: a table or markdown.
 */
#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "bench.h"
#include "grid.h"

static const char *place_text(const struct row *row)
{
	static const char *const words[] = { "", "near", "far", "moved" };

	return words[row->place];
}

static void print_head(const struct bench *bench, struct grid *grid)
{
	grid_text(grid, "ns a pair");
	grid_text(grid, "bytes");
	for (unsigned peer = 0; peer < bench->peers_count; peer++)
		grid_text(grid, "%s", bench->peers[peer].name);
	for (unsigned peer = 0; peer < bench->peers_count; peer++)
		if (bench->peers[peer].is_ours)
			grid_text(grid, "%s/best", bench->peers[peer].name);
	grid_text(grid, "rounds");
	grid_end_row(grid);
}

static void print_row(const struct bench *bench, unsigned number, struct grid *grid)
{
	const struct row *row = &bench->rows[number];

	grid_text(grid, "%s", row->workload);
	grid_text(grid, "%s", row->label);
	for (unsigned peer = 0; peer < bench->peers_count; peer++)
		grid_number(grid, row_median(bench, number, (int)peer, FIGURE_NS), 2);
	for (unsigned peer = 0; peer < bench->peers_count; peer++)
		if (bench->peers[peer].is_ours)
			grid_number(grid, row_best_ratio(bench, number, (int)peer, FIGURE_NS), 2);
	grid_text(grid, "%u%s%s", row_rounds_counted(row), row->place == PLACE_ALONE ? "" : " ",
		  place_text(row));
	grid_end_row(grid);
}

static void print_times(const struct bench *bench, bool markdown, FILE *to)
{
	struct grid *grid = grid_begin();

	print_head(bench, grid);
	for (unsigned row = 0; row < bench->rows_count; row++)
		if (row_is_timed(&bench->rows[row]))
			print_row(bench, row, grid);
	if (grid->rows > 1)
		grid_print(grid, markdown, to);
}

static void print_mean(const struct bench *bench, FILE *to)
{
	double worst, mean = all_rows_mean(bench, 0, &worst, &(unsigned){ 0 });

	if (!isnan(mean))
		fprintf(to, "\n/best: over the best of glibc, jemalloc, tcmalloc, mimalloc, the median "
			"of the rounds' ratios; geometric mean %.2f, worst %.2f.\n"
			"replay is ns an event; churn is ns a thread.\n", mean, worst);
}

void bench_print(const struct bench *bench, const char *format, FILE *to)
{
	bool markdown = strcmp(format, "markdown") == 0;

	if (strcmp(format, "json") == 0) {
		bench_print_json(bench, to);
		return;
	}
	if (strcmp(format, "csv") == 0) {
		bench_print_csv(bench, to);
		return;
	}
	print_times(bench, markdown, to);
	print_mean(bench, to);
	bench_print_sections(bench, markdown, to);
	bench_print_targets(bench, markdown, to);
}

/*
 * bench_json.c: the figures for programs. What was not measured is left out.
 */
#include <math.h>

#include "bench.h"

static void print_figures(const struct bench *bench, unsigned row, int peer, FILE *to)
{
	const char *before = "";

	for (int i = 0; i < FIGURES; i++) {
		double value = row_median(bench, row, peer, (enum figure)i);

		if (isnan(value))
			continue;
		fprintf(to, "%s\"%s\":%.3f", before, figure_key[i], value);
		before = ",";
	}
}

/* Every round's ns, in order, whether it counts or not. */
static void print_rounds(const struct row *row, int peer, FILE *to)
{
	const char *before = "";

	fprintf(to, ",\"rounds\":[");
	for (unsigned round = 0; round < row->rounds; round++) {
		double ns = row->samples[(unsigned)peer * row->rounds + round].value[FIGURE_NS];

		if (isnan(ns))
			continue;
		fprintf(to, "%s%.3f", before, ns);
		before = ",";
	}
	fprintf(to, "]");
}

static bool was_measured(const struct bench *bench, unsigned row, int peer)
{
	for (int i = 0; i < FIGURES; i++)
		if (!isnan(row_median(bench, row, peer, (enum figure)i)))
			return true;
	return false;
}

static void print_peer(const struct bench *bench, unsigned row, int peer, const char *before, FILE *to)
{
	double ratio = row_ratio(bench, row, 0, peer, FIGURE_NS);

	fprintf(to, "%s\n  \"%s\":{", before, bench->peers[peer].name);
	print_figures(bench, row, peer, to);
	if (!isnan(ratio))
		fprintf(to, ",\"ukmem_over_it\":%.4f", ratio);
	print_rounds(&bench->rows[row], peer, to);
	fprintf(to, "}");
}

static void print_row(const struct bench *bench, unsigned number, FILE *to)
{
	static const char *const places[] = { "alone", "near", "far", "moved" };
	const struct row *row = &bench->rows[number];
	double ratio = row_best_ratio(bench, number, 0, FIGURE_NS);
	const char *before = "";

	fprintf(to, "%s\n{\"workload\":\"%s\",\"size\":\"%s\",\"cpus\":\"%s\",\"rounds_counted\":%u,",
		number > 0 ? "," : "", row->workload, row->label, places[row->place],
		row_rounds_counted(row));
	if (!isnan(ratio))
		fprintf(to, "\"ukmem_over_best\":%.4f,", ratio);
	fprintf(to, "\"allocators\":{");
	for (unsigned peer = 0; peer < bench->peers_count; peer++) {
		if (!was_measured(bench, number, (int)peer))
			continue;
		print_peer(bench, number, (int)peer, before, to);
		before = ",";
	}
	fprintf(to, "}}");
}

void bench_print_json(const struct bench *bench, FILE *to)
{
	fprintf(to, "{\"rounds\":%u,\"seconds\":%g,\"rows\":[", bench->options.rounds,
		bench->options.seconds);
	for (unsigned row = 0; row < bench->rows_count; row++)
		print_row(bench, row, to);
	fprintf(to, "]}\n");
}

void bench_print_csv(const struct bench *bench, FILE *to)
{
	fprintf(to, "workload,size,allocator,figure,value\n");
	for (unsigned row = 0; row < bench->rows_count; row++)
		for (unsigned peer = 0; peer < bench->peers_count; peer++)
			for (int i = 0; i < FIGURES; i++) {
				double value = row_median(bench, row, (int)peer, (enum figure)i);

				if (!isnan(value))
					fprintf(to, "%s,%s,%s,%s,%.3f\n", bench->rows[row].workload,
						bench->rows[row].label, bench->peers[peer].name,
						figure_key[i], value);
			}
}

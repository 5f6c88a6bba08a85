/*
 * bench_report.c: the figures as a table, markdown, CSV or JSON.
 */
#include <math.h>
#include <stdio.h>
#include <string.h>

#include "bench.h"

/* What one cell of the table says; "-" where the peer has no figure. */
static const char *cell_text(const struct row *row, const struct cell *cell, char *text,
			     size_t size)
{
	if (!cell->median.there)
		snprintf(text, size, "-");
	else if (strcmp(row->workload, "idle") == 0)
		snprintf(text, size, "%.1f MB", cell->median.idle_bytes / 1e6);
	else
		snprintf(text, size, "%.2f", cell->median.ns);
	return text;
}

static const char *ratio_text(double ratio, char *text, size_t size)
{
	if (isnan(ratio))
		snprintf(text, size, "-");
	else
		snprintf(text, size, "%.2f", ratio);
	return text;
}

static void print_lines(const struct bench *bench, const char *start, const char *between,
			const char *end, int width)
{
	char text[32];

	for (unsigned row = 0; row < bench->rows_count; row++) {
		const struct row *r = &bench->rows[row];

		printf("%s%-11s%s%5u", start, r->workload, between, r->size);
		for (unsigned peer = 0; peer < bench->peers_count; peer++)
			printf("%s%*s", between, width,
			       cell_text(r, &bench->cells[row][peer], text, sizeof(text)));
		printf("%s%*s%s\n", between, width,
		       ratio_text(bench_best_ratio(bench, row), text, sizeof(text)), end);
	}
}

static double geometric_mean(const struct bench *bench)
{
	double sum = 0;
	unsigned count = 0;

	for (unsigned row = 0; row < bench->rows_count; row++) {
		double ratio = bench_best_ratio(bench, row);

		if (isnan(ratio) || strcmp(bench->rows[row].workload, "idle") == 0)
			continue;
		sum += log(ratio);
		count++;
	}
	return count != 0 ? exp(sum / count) : NAN;
}

static void print_table(const struct bench *bench)
{
	printf("%-11s %5s", "ns a pair", "bytes");
	for (unsigned peer = 0; peer < bench->peers_count; peer++)
		printf(" %9s", bench->peers[peer].name);
	printf(" %9s\n", "ratio");
	print_lines(bench, "", " ", "", 9);
	printf("ratio: ukmem / the best of the others, round by round; geometric mean %.2f\n",
	       geometric_mean(bench));
}

static void print_markdown(const struct bench *bench)
{
	printf("| ns a pair | bytes |");
	for (unsigned peer = 0; peer < bench->peers_count; peer++)
		printf(" %s |", bench->peers[peer].name);
	printf(" ratio |\n|---|---|");
	for (unsigned peer = 0; peer <= bench->peers_count; peer++)
		printf("---|");
	printf("\n");
	print_lines(bench, "| ", " | ", " |", 0);
	printf("\nratio: ukmem / the best of the others; geometric mean %.2f\n",
	       geometric_mean(bench));
}

static void print_csv(const struct bench *bench)
{
	printf("workload,bytes,allocator,ns,alloc_ns,free_ns,peak_bytes,idle_bytes,"
	       "live_bytes,ukmem_over_it\n");
	for (unsigned row = 0; row < bench->rows_count; row++)
		for (unsigned peer = 0; peer < bench->peers_count; peer++) {
			const struct sample *m = &bench->cells[row][peer].median;

			if (m->there)
				printf("%s,%u,%s,%.3f,%.3f,%.3f,%.0f,%.0f,%.0f,%.3f\n",
				       bench->rows[row].workload, bench->rows[row].size,
				       bench->peers[peer].name, m->ns, m->alloc_ns, m->free_ns,
				       m->peak_bytes, m->idle_bytes, m->live_bytes,
				       bench->cells[row][peer].ratio);
		}
}

static void print_json_cell(const char *name, const struct cell *cell, bool first)
{
	const struct sample *m = &cell->median;

	printf("%s\"%s\":{\"ns\":%.3f,\"alloc_ns\":%.3f,\"free_ns\":%.3f,\"peak_bytes\":%.0f,"
	       "\"idle_bytes\":%.0f,\"live_bytes\":%.0f}", first ? "" : ",", name, m->ns,
	       m->alloc_ns, m->free_ns, m->peak_bytes, m->idle_bytes, m->live_bytes);
}

static void print_json(const struct bench *bench)
{
	printf("{\"rounds\":%u,\"seconds\":%g,\"rows\":[", bench->options.rounds,
	       bench->options.seconds);
	for (unsigned row = 0; row < bench->rows_count; row++) {
		bool first = true;

		printf("%s\n{\"workload\":\"%s\",\"bytes\":%u,\"allocators\":{", row ? "," : "",
		       bench->rows[row].workload, bench->rows[row].size);
		for (unsigned peer = 0; peer < bench->peers_count; peer++) {
			if (!bench->cells[row][peer].median.there)
				continue;
			print_json_cell(bench->peers[peer].name, &bench->cells[row][peer], first);
			first = false;
		}
		printf("}}");
	}
	printf("]}\n");
}

void bench_report(const struct bench *bench)
{
	if (strcmp(bench->options.format, "json") == 0)
		print_json(bench);
	else if (strcmp(bench->options.format, "csv") == 0)
		print_csv(bench);
	else if (strcmp(bench->options.format, "markdown") == 0)
		print_markdown(bench);
	else
		print_table(bench);
}

/*
 * bench_save.c: a run kept as DATE-COMMIT.md, .json and .svg.
 *
 * The picture has a line for each row of time and a point for each allocator, on a
 * logarithmic scale of ns. Gnuplot draws it, if it is here.
 */
#include <errno.h>
#include <math.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

#include "bench.h"
#include "say.h"

static FILE *open_result(const struct bench *bench, const char *ending, char *path, size_t size)
{
	time_t now = time(NULL);
	struct tm date;
	FILE *file;

	localtime_r(&now, &date);
	snprintf(path, size, "%s/%04d-%02d-%02d-%s.%s", bench->options.save, date.tm_year + 1900,
		 date.tm_mon + 1, date.tm_mday, bench->options.commit, ending);
	file = fopen(path, "we");
	if (file == NULL)
		say("bench: %s: %s", path, strerror(errno));
	return file;
}

static bool close_result(FILE *file, const char *path)
{
	bool failed = ferror(file) != 0;

	if (fclose(file) == 0 && !failed)
		return true;
	say("bench: %s can't be written", path);
	return false;
}

static bool save_markdown(const struct bench *bench)
{
	char path[600];
	FILE *file = open_result(bench, "md", path, sizeof(path));

	if (file == NULL)
		return false;
	fprintf(file, "# Bench\n\n");
	bench_print_machine(bench, file);
	fprintf(file, ".\n%u rounds (hot rows %u), %g s a sample (hot rows %g); bench/README.md tells "
		"what each row does.\n\n", bench->options.rounds, 3 * bench->options.rounds,
		bench->options.seconds, bench->options.seconds * 0.4);
	bench_print(bench, "markdown", file);
	return close_result(file, path);
}

static bool save_json(const struct bench *bench)
{
	char path[600];
	FILE *file = open_result(bench, "json", path, sizeof(path));

	if (file == NULL)
		return false;
	bench_print_json(bench, file);
	return close_result(file, path);
}

/* ---- the picture ---------------------------------------------------------------------- */

/* Rows of time from the top; in gnuplot's words the last has y 0. */
static void print_points(const struct bench *bench, int peer, FILE *to)
{
	unsigned y = 0;

	fprintf(to, "$peer%d << END\n", peer);
	for (unsigned row = bench->rows_count; row-- > 0;) {
		double ns = row_median(bench, row, peer, FIGURE_NS);

		if (!row_is_timed(&bench->rows[row]) || row_is(&bench->rows[row], "churn"))
			continue;
		if (!isnan(ns))
			fprintf(to, "%.3f %u\n", ns, y);
		y++;
	}
	fprintf(to, "END\n");
}

/* Returns how many there are. */
static unsigned print_labels(const struct bench *bench, FILE *to)
{
	unsigned y = 0;

	fprintf(to, "set ytics (");
	for (unsigned row = bench->rows_count; row-- > 0;) {
		const struct row *r = &bench->rows[row];

		if (row_is_timed(r) && !row_is(r, "churn"))
			fprintf(to, "%s\"%s %s\" %u", y == 0 ? "" : ", ", r->workload, r->label, y),
			y++;
	}
	fprintf(to, ")\n");
	return y;
}

static bool has_points(const struct bench *bench, int peer)
{
	for (unsigned row = 0; row < bench->rows_count; row++)
		if (!isnan(row_median(bench, row, peer, FIGURE_NS)))
			return true;
	return false;
}

static void print_plot(const struct bench *bench, FILE *to)
{
	static const char *const colours[PEERS_MAX] = { "#c00000", "#ff7f0e", "#555555", "#1f77b4",
		"#2ca02c", "#9467bd", "#8c564b", "#999999", "#bcbd22", "#17becf" };
	const char *before = "plot ";

	for (unsigned peer = 0; peer < bench->peers_count; peer++) {
		if (!has_points(bench, (int)peer))
			continue;
		fprintf(to, "%s$peer%u using 1:2 with points pointtype %u pointsize %s linewidth 1.5 "
			"linecolor \"%s\" title \"%s\"", before, peer,
			bench->peers[peer].is_ours ? 7 : peer + 1,
			bench->peers[peer].is_ours ? "0.9" : "0.6", colours[peer],
			bench->peers[peer].name);
		before = ", ";
	}
	fprintf(to, "\n");
}

static void print_script(const struct bench *bench, FILE *to)
{
	unsigned rows;

	for (unsigned peer = 0; peer < bench->peers_count; peer++)
		if (has_points(bench, (int)peer))
			print_points(bench, (int)peer, to);
	rows = print_labels(bench, to);
	fprintf(to, "set terminal svg size 900,%u font \"sans,11\" background \"white\"\n"
		"set title \"ns for an allocation and a free: to the left is better\\n",
		140 + 15 * rows);
	bench_print_machine(bench, to);
	fprintf(to, "\" noenhanced\nset logscale x\nset yrange [-1:%u]\nset xlabel \"ns\"\n"
		"set grid x y linecolor \"#dddddd\"\nset key outside top center horizontal\n", rows);
	print_plot(bench, to);
}

static bool save_picture(const struct bench *bench)
{
	char path[600], command[700];
	FILE *file, *gnuplot;

	if (system("command -v gnuplot >/dev/null") != 0) {
		fprintf(stderr, "ukmem: no gnuplot here, so no picture\n");
		return true;
	}
	file = open_result(bench, "svg", path, sizeof(path));
	if (file == NULL || !close_result(file, path))
		return false;
	if (strchr(path, '\'') != NULL)
		return true;
	snprintf(command, sizeof(command), "gnuplot >'%s'", path);
	gnuplot = popen(command, "we");
	if (gnuplot == NULL)
		return false;
	print_script(bench, gnuplot);
	if (pclose(gnuplot) == 0)
		return true;
	say("bench: gnuplot failed");
	return false;
}

bool bench_save(const struct bench *bench)
{
	return save_markdown(bench) && save_json(bench) && save_picture(bench);
}

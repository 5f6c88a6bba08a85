/*
 * bench.c: "ukmem bench": take samples in turns, keep medians.
 */
#include "bench.h"

#include <getopt.h>
#include <math.h>
#include <stddef.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "say.h"

static void print_help(FILE *to)
{
	fprintf(to,
		"Usage: ukmem bench [OPTION]...\n"
		"Run allocation workloads on ukmem and on the other allocators of this machine,\n"
		"side by side, and print medians and ratios (ukmem / the best other).\n\n"
		"  -l, --list          what there is to run\n"
		"      --only A,B      run only these\n"
		"      --quick         64-byte objects, 3 short rounds\n"
		"      --rounds N      samples of each (default 7)\n"
		"      --seconds S     one sample's time (default 0.5)\n"
		"  -o, --output FORM   table, markdown, csv or json\n"
		"  -h, --help          print this\n");
}

static bool is_format(const char *text)
{
	static const char *const formats[] = { "table", "markdown", "csv", "json" };

	for (size_t i = 0; i < sizeof(formats) / sizeof(*formats); i++)
		if (strcmp(formats[i], text) == 0)
			return true;
	return false;
}

/* A whole number and nothing else; what can't be one is out of every range. */
static unsigned parse_rounds(const char *text)
{
	char *end;
	unsigned long n = strtoul(text, &end, 10);

	return *end == '\0' && end != text && n >= 1 && n <= BENCH_ROUNDS_MAX ?
	       (unsigned)n : BENCH_ROUNDS_MAX + 1;
}

static double parse_seconds(const char *text)
{
	char *end;
	double seconds = strtod(text, &end);

	return *end == '\0' && end != text && seconds > 0 ? seconds : -1;
}

/* Returns -1 to go on, else the exit status. */
static int parse(struct bench_options *options, int argc, char **argv)
{
	static const struct option known[] = {
		{ "list", no_argument, NULL, 'l' }, { "only", required_argument, NULL, 'w' },
		{ "quick", no_argument, NULL, 'q' }, { "rounds", required_argument, NULL, 'r' },
		{ "seconds", required_argument, NULL, 's' },
		{ "output", required_argument, NULL, 'o' },
		{ "help", no_argument, NULL, 'h' }, { 0 },
	};
	int option;

	opterr = 0;
	while ((option = getopt_long(argc, argv, "lo:h", known, NULL)) != -1) {
		switch (option) {
		case 'l': options->list = true; break;
		case 'w': options->only = optarg; break;
		case 'q': options->quick = true; break;
		case 'r': options->rounds = parse_rounds(optarg); break;
		case 's': options->seconds = parse_seconds(optarg); break;
		case 'o': options->format = optarg; break;
		case 'h': print_help(stdout); return EXIT_SUCCESS;
		default:
			say("bench: \"%s\" is no option, or lacks its value; "
			    "see ukmem bench --help", argv[optind - 1]);
			return EXIT_USAGE;
		}
	}
	if (optind < argc || !is_format(options->format)) {
		say("bench: \"%s\" is not understood; see ukmem bench --help",
		    optind < argc ? argv[optind] : options->format);
		return EXIT_USAGE;
	}
	return -1;
}

static int check(struct bench_options *options)
{
	if (options->quick) {
		options->rounds = options->rounds != 0 ? options->rounds : 3;
		options->seconds = options->seconds != 0 ? options->seconds : 0.1;
	}
	options->rounds = options->rounds != 0 ? options->rounds : 7;
	options->seconds = options->seconds != 0 ? options->seconds : 0.5;
	if (options->rounds > BENCH_ROUNDS_MAX || !(options->seconds > 0 && options->seconds <= 60)) {
		say("bench: rounds must be 1 to %d, seconds above 0 and at most 60", BENCH_ROUNDS_MAX);
		return EXIT_USAGE;
	}
	return -1;
}

static void progress(const struct bench *bench, unsigned row, unsigned round)
{
	if (!isatty(STDERR_FILENO))
		return;
	fprintf(stderr, "\r\033[K%u/%u %s %u, round %u of %u", row + 1, bench->rows_count,
		bench->rows[row].workload, bench->rows[row].size, round + 1, bench->options.rounds);
	if (row + 1 == bench->rows_count && round + 1 == bench->options.rounds)
		fprintf(stderr, "\r\033[K");
}

static int compare(const void *a, const void *b)
{
	double x = *(const double *)a, y = *(const double *)b;

	return (x > y) - (x < y);
}

static double median_of(double *values, unsigned count)
{
	qsort(values, count, sizeof(*values), compare);
	return (values[(count - 1) / 2] + values[count / 2]) / 2;
}

static double median_field(const struct sample *samples, unsigned count, size_t field)
{
	double values[BENCH_ROUNDS_MAX];

	for (unsigned i = 0; i < count; i++)
		values[i] = *(const double *)(const void *)((const char *)&samples[i] + field);
	return median_of(values, count);
}

static double median_ratio(const struct sample *ours, const struct sample *theirs, unsigned count)
{
	double values[BENCH_ROUNDS_MAX];

	for (unsigned i = 0; i < count; i++)
		values[i] = theirs[i].ns > 0 ? ours[i].ns / theirs[i].ns : NAN;
	return median_of(values, count);
}

static void make_cell(struct cell *cell, const struct sample *ours, const struct sample *theirs,
		      unsigned count)
{
	cell->median = theirs[0];
	cell->median.ns = median_field(theirs, count, offsetof(struct sample, ns));
	cell->median.alloc_ns = median_field(theirs, count, offsetof(struct sample, alloc_ns));
	cell->median.free_ns = median_field(theirs, count, offsetof(struct sample, free_ns));
	cell->median.peak_bytes = median_field(theirs, count, offsetof(struct sample, peak_bytes));
	cell->median.idle_bytes = median_field(theirs, count, offsetof(struct sample, idle_bytes));
	cell->ratio = median_ratio(ours, theirs, count);
}

static void run_row(struct bench *bench, unsigned row)
{
	static struct sample samples[PEERS_MAX][BENCH_ROUNDS_MAX];
	unsigned rounds = bench->options.rounds;

	for (unsigned round = 0; round < rounds; round++) {
		progress(bench, row, round);
		for (unsigned peer = 0; peer < bench->peers_count; peer++)
			bench_sample(bench, &bench->rows[row], &bench->peers[peer],
				     &samples[peer][round]);
	}
	for (unsigned peer = 0; peer < bench->peers_count; peer++)
		make_cell(&bench->cells[row][peer], samples[0], samples[peer], rounds);
}

double bench_best_ratio(const struct bench *bench, unsigned row)
{
	double best = NAN;

	for (unsigned peer = 0; peer < bench->peers_count; peer++) {
		const struct cell *cell = &bench->cells[row][peer];

		if (bench->peers[peer].counts && cell->median.there && !(cell->ratio <= best))
			best = cell->ratio;
	}
	return best;
}

int bench_main(int argc, char **argv)
{
	static struct bench bench = { .options = { .format = "table" } };
	int status = parse(&bench.options, argc, argv);

	if (status < 0)
		status = check(&bench.options);
	if (status >= 0)
		return status;
	bench_find_peers(&bench);
	if (!bench_list_rows(&bench))
		return EXIT_FAILURE;
	if (bench.options.list)
		return EXIT_SUCCESS;
	if (bench.rows_count == 0) {
		say("bench: no workload is called \"%s\"; ukmem bench --list tells them",
		    bench.options.only);
		return EXIT_USAGE;
	}
	for (unsigned row = 0; row < bench.rows_count; row++)
		run_row(&bench, row);
	bench_report(&bench);
	return EXIT_SUCCESS;
}

/*
 * bench_options.c: the command line of "ukmem bench".
 */
#include <getopt.h>
#include <stdlib.h>
#include <string.h>

#include "bench.h"
#include "inspect/cli.h"
#include "say.h"

static const char help[] =
	"Usage: ukmem bench [OPTION]...\n"
	"Run allocation workloads on ukmem and on the other allocators of this machine,\n"
	"side by side, and print medians and ratios (ukmem / the best other).\n\n"
	"  -l, --list          what there is to run\n"
	"      --only A,B      run only these\n"
	"      --quick         64-byte objects and mixed sizes, 3 short rounds\n"
	"      --rounds N      samples of each (default 7; 3 times as many of hot ones)\n"
	"      --seconds S     one sample's time (default 0.2)\n"
	"      --options TEXT  UKMEM_OPTIONS for ukmem\n"
	"      --trace FILE    play this kernel trace too; may be given again\n"
	"  -o, --output FORM   table, markdown, csv or json\n"
	"      --save DIR      write DIR/DATE-COMMIT.md, .json and .svg (by gnuplot)\n"
	"      --commit TEXT   the COMMIT to name\n"
	"  -h, --help          print this\n";

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

static bool set(struct bench_options *options, int option, const char *value)
{
	switch (option) {
	case 'l': options->list = true; break;
	case 'w': options->only = value; break;
	case 'q': options->quick = true; break;
	case 'r': options->rounds = parse_rounds(value); break;
	case 's': options->seconds = parse_seconds(value); break;
	case 'O': options->library_options = value; break;
	case 'o': options->format = value; break;
	case 'S': options->save = value; break;
	case 'c': options->commit = value; break;
	case 't':
		if (options->traces_count == TRACES_MAX)
			return false;
		options->traces[options->traces_count++] = value;
		break;
	default: return false;
	}
	return true;
}

static int check(struct bench_options *options)
{
	if (options->rounds == 0)
		options->rounds = options->quick ? 3 : 7;
	if (options->seconds == 0)
		options->seconds = options->quick ? 0.1 : 0.2;
	if (options->rounds > BENCH_ROUNDS_MAX || !(options->seconds > 0 && options->seconds <= 60)) {
		say("bench: rounds must be 1 to %d, seconds above 0 and at most 60", BENCH_ROUNDS_MAX);
		return EXIT_USAGE;
	}
	return -1;
}

int bench_parse(struct bench_options *options, int argc, char **argv)
{
	static const struct option known[] = {
		{ "list", no_argument, NULL, 'l' }, { "only", required_argument, NULL, 'w' },
		{ "quick", no_argument, NULL, 'q' }, { "rounds", required_argument, NULL, 'r' },
		{ "seconds", required_argument, NULL, 's' },
		{ "options", required_argument, NULL, 'O' },
		{ "trace", required_argument, NULL, 't' },
		{ "output", required_argument, NULL, 'o' },
		{ "save", required_argument, NULL, 'S' },
		{ "commit", required_argument, NULL, 'c' },
		{ "help", no_argument, NULL, 'h' }, { 0 },
	};
	int option;

	*options = (struct bench_options){ .format = "table", .commit = "unknown" };
	opterr = 0;
	while ((option = getopt_long(argc, argv, "lo:h", known, NULL)) != -1) {
		if (option == 'h')
			return cli_help(help);
		if (set(options, option, optarg))
			continue;
		say("bench: \"%s\" is no option, or lacks its value, or is one too many; "
		    "see ukmem bench --help", argv[optind - 1]);
		return EXIT_USAGE;
	}
	if (optind < argc || !is_format(options->format)) {
		say("bench: \"%s\" is not understood; see ukmem bench --help",
		    optind < argc ? argv[optind] : options->format);
		return EXIT_USAGE;
	}
	return check(options);
}

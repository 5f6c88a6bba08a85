/*
 * replay_options.c: the command line of "ukmem replay".
 */
#include <getopt.h>
#include <stdio.h>
#include <string.h>

#include "inspect/cli.h"
#include "replay.h"
#include "say.h"

static const char help[] =
	"Usage: ukmem replay [OPTION]... FILE...\n"
	"Play recorded kernel allocations (kmtrace 1, plain or zstd; - is standard\n"
	"input) through ukmem, a thread for each CPU of the recording, each object's\n"
	"events in their order; then print what the caches and the memory came to.\n"
	"\n"
	"      --vs malloc          play it through this process's malloc too, and\n"
	"                           compare (LD_PRELOAD another one to compare with it)\n"
	"  -n, --rounds N           play it N times; default 1, or 5 with --vs\n"
	"  -o, --output table|json  how to print; default table\n"
	"  -q, --quiet              print nothing but errors\n"
	"      --no-check           do not write a word into each object and check it\n"
	"      --no-pin             do not pin threads to CPUs\n"
	"  -h, --help               print this\n"
	"\n"
	"Exit status: 0 all went well; 1 an allocation failed or an object was\n"
	"overwritten; 2 a bad option, or a file that is missing or broken.\n";

enum { OPT_VS = 256, OPT_NO_CHECK, OPT_NO_PIN };

static const struct option long_options[] = {
	{ "vs", required_argument, NULL, OPT_VS },
	{ "rounds", required_argument, NULL, 'n' },
	{ "output", required_argument, NULL, 'o' },
	{ "quiet", no_argument, NULL, 'q' },
	{ "no-check", no_argument, NULL, OPT_NO_CHECK },
	{ "no-pin", no_argument, NULL, OPT_NO_PIN },
	{ "help", no_argument, NULL, 'h' },
	{ 0 }
};

static bool set_vs(struct replay_options *options, const char *value)
{
	options->vs_malloc = true;
	if (strcmp(value, "malloc") == 0)
		return true;
	say("replay: --vs: the only choice is \"malloc\", not \"%s\"", value);
	return false;
}

static bool set_rounds(struct replay_options *options, const char *value)
{
	long rounds;

	if (!cli_number("replay", "--rounds", value, 1, ROUNDS_MAX, &rounds))
		return false;
	options->rounds = (unsigned)rounds;
	return true;
}

static bool set_output(struct replay_options *options, const char *value)
{
	options->json = strcmp(value, "json") == 0;
	if (options->json || strcmp(value, "table") == 0)
		return true;
	say("replay: -o: expected \"table\" or \"json\", not \"%s\"", value);
	return false;
}

static bool set_option(struct replay_options *options, int option, char **argv)
{
	switch (option) {
	case OPT_VS:
		return set_vs(options, optarg);
	case 'n':
		return set_rounds(options, optarg);
	case 'o':
		return set_output(options, optarg);
	case 'q':
		options->quiet = true;
		return true;
	case OPT_NO_CHECK:
		options->check = false;
		return true;
	case OPT_NO_PIN:
		options->pin = false;
		return true;
	default:
		cli_refuse("replay", option, argv);
		return false;
	}
}

int replay_parse(struct replay_options *options, int argc, char **argv)
{
	int option;

	*options = (struct replay_options){ .check = true, .pin = true };
	while ((option = getopt_long(argc, argv, ":hn:o:q", long_options, NULL)) != -1) {
		if (option == 'h')
			return cli_help(help);
		if (!set_option(options, option, argv))
			return EXIT_USAGE;
	}
	if (options->rounds == 0)
		options->rounds = options->vs_malloc ? ROUNDS_VS : 1;
	options->files = argv + optind;
	options->files_count = argc - optind;
	if (options->files_count > 0)
		return -1;
	say("replay: no file given; see ukmem replay --help");
	return EXIT_USAGE;
}

/*
 * ukmem.c: the command "ukmem": find the subcommand and hand over.
 */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <ukmem/slab.h>

#include "bench.h"
#include "replay.h"
#include "say.h"

static const struct command {
	const char *name, *summary;
	int (*main)(int argc, char **argv);
} commands[] = {
	{ "replay", "play recorded kernel allocations through the allocator", replay_main },
	{ "bench", "run workloads on ukmem and on other allocators, side by side", bench_main },
};

enum { COMMANDS = sizeof(commands) / sizeof(*commands) };

static void print_help(FILE *to)
{
	fprintf(to, "Usage: ukmem COMMAND [OPTION]...\n"
		    "The Linux SLAB allocator in user space: its tools.\n\n");
	for (int i = 0; i < COMMANDS; i++)
		fprintf(to, "  %-12s%s\n", commands[i].name, commands[i].summary);
	fprintf(to, "\n  -h, --help      print this; ukmem COMMAND --help tells more\n"
		    "      --version   print the version\n");
}

static int help_to_stdout(void)
{
	print_help(stdout);
	return EXIT_SUCCESS;
}

static int version(void)
{
	printf("ukmem %s\n", UKMEM_VERSION);
	return EXIT_SUCCESS;
}

static int run(int argc, char **argv)
{
	for (int i = 0; i < COMMANDS; i++)
		if (strcmp(argv[0], commands[i].name) == 0)
			return commands[i].main(argc, argv);
	say("there is no command \"%s\"; see ukmem --help", argv[0]);
	return EXIT_USAGE;
}

int main(int argc, char **argv)
{
	if (argc < 2) {
		print_help(stderr);
		return EXIT_USAGE;
	}
	if (strcmp(argv[1], "--help") == 0 || strcmp(argv[1], "-h") == 0)
		return help_to_stdout();
	if (strcmp(argv[1], "--version") == 0)
		return version();
	return run(argc - 1, argv + 1);
}

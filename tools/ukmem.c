/*
 * ukmem.c: the command "ukmem": find the subcommand and hand over.
 */
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <ukmem/slab.h>
#include <unistd.h>

#include "bench.h"
#include "inspect/cli.h"
#include "inspect/inspect.h"
#include "replay.h"
#include "run.h"
#include "say.h"
#include "symbolize.h"

static const struct command {
	const char *name, *summary;
	int (*main)(int argc, char **argv);
} commands[] = {
	{ "replay", "play recorded kernel allocations through the allocator", replay_main },
	{ "run", "run a program with its malloc served by ukmem", run_main },
	{ "bench", "run workloads on ukmem and on other allocators, side by side", bench_main },
	{ "stat", "print the caches of a running program or a core file", stat_main },
	{ "top", "watch the caches of a running program", top_main },
	{ "map", "draw which pages belong to which cache, and how full they are", map_main },
	{ "object", "tell what is at an address", object_main },
	{ "walk", "list the live objects of a cache", walk_main },
	{ "leaks", "list objects that the program has lost", leaks_main },
	{ "record", "record a running program's caches over time", record_main },
	{ "report", "write a page about a program, a core or a recording", report_main },
	{ "export", "serve a running program's figures over HTTP, for Prometheus", export_main },
	{ "profile", "tell which call stacks hold the memory", profile_main },
	{ "tune", "set how many objects a cache of a running program keeps", tune_main },
	{ "symbolize", "turn the addresses of a report into functions, files and lines", symbolize_main },
	{ "shrink", "let a running program give memory back", shrink_main },
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
	return cli_finish(EXIT_SUCCESS);
}

static int version(void)
{
	printf("ukmem %s\n", UKMEM_VERSION);
	return cli_finish(EXIT_SUCCESS);
}

static int run(int argc, char **argv)
{
	for (int i = 0; i < COMMANDS; i++)
		if (strcmp(argv[0], commands[i].name) == 0)
			return commands[i].main(argc, argv);
	say("there is no command \"%s\"; see ukmem --help", argv[0]);
	return EXIT_USAGE;
}

/*
 * A file that we open must not take the place of a standard stream that is closed, and get its
 * text. What stands in refuses it, as the closed one would; programs that we become get none.
 */
static void fill_closed_streams(void)
{
	for (int stream = STDIN_FILENO; stream <= STDERR_FILENO; stream++)
		if (fcntl(stream, F_GETFD) == -1)
			open("/dev/null", O_CLOEXEC | (stream == STDIN_FILENO ? O_WRONLY : O_RDONLY));
}

int main(int argc, char **argv)
{
	fill_closed_streams();
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

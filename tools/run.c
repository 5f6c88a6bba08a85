/*
 * run.c: "ukmem run": a program on the malloc drop-in.
 *
 * This process becomes the program, so its exit status, signals and terminal are the
 * program's own.
 */
#include "run.h"

#include <elf.h>
#include <errno.h>
#include <fcntl.h>
#include <getopt.h>
#include <limits.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "os/options.h"          /* of the library itself: what words it understands */
#include "inspect/cli.h"
#include "places.h"
#include "say.h"

static const char help[] =
	"Usage: ukmem run [OPTION]... [--] PROGRAM [ARGUMENT]...\n"
	"Run PROGRAM, and what it starts, with malloc and its kin served by ukmem.\n"
	"\n"
	"      --slabinfo FILE  write the table of all caches to FILE when PROGRAM exits,\n"
	"                       and at each SIGUSR2; - is its standard error\n"
	"      --options TEXT   UKMEM_OPTIONS for it, after those of the environment\n"
	"      --library FILE   the drop-in; default: libukmem-malloc.so beside this\n"
	"                       command, or in ../lib or the like\n"
	"  -h, --help           print this\n"
	"\n"
	"Exit status: PROGRAM's own; 127 it is not there, 126 it can't be run;\n"
	"2 a bad option.\n";

enum { OPT_SLABINFO = 256, OPT_OPTIONS, OPT_LIBRARY, EXIT_NOT_RUNNABLE = 126, EXIT_MISSING };

static const struct option long_options[] = {
	{ "slabinfo", required_argument, NULL, OPT_SLABINFO },
	{ "options", required_argument, NULL, OPT_OPTIONS },
	{ "library", required_argument, NULL, OPT_LIBRARY },
	{ "help", no_argument, NULL, 'h' },
	{ 0 }
};

struct run_options {
	const char *slabinfo, *options, *library;
};

/* Returns -1 to go on, else the exit status. */
static int parse(int argc, char **argv, struct run_options *asked)
{
	int option;

	while ((option = getopt_long(argc, argv, "+:h", long_options, NULL)) != -1) {
		switch (option) {
		case OPT_SLABINFO:
			asked->slabinfo = optarg;
			break;
		case OPT_OPTIONS:
			asked->options = optarg;
			break;
		case OPT_LIBRARY:
			asked->library = optarg;
			break;
		case 'h':
			return cli_help(help);
		default:
			return cli_refuse("run", option, argv);
		}
	}
	if (optind < argc)
		return -1;
	say("run: which program? see ukmem run --help");
	return EXIT_USAGE;
}

static bool is_shared_library(const char *path)
{
	Elf64_Ehdr header = { 0 };
	int handle = open(path, O_RDONLY | O_CLOEXEC);
	bool is = handle >= 0 && read(handle, &header, sizeof(header)) == sizeof(header) &&
		  memcmp(header.e_ident, ELFMAG, SELFMAG) == 0 && header.e_type == ET_DYN;

	if (handle >= 0)
		close(handle);
	return is;
}

/*
 * What the loader can't preload it passes over with a line of its own, and the program would
 * run without. A program may change its directory, so a path has to begin at the root.
 */
static bool choose_library(const char *given, char *path)
{
	char found[PATH_MAX + 64];

	if (given == NULL && place_of("", "libukmem-malloc.so", R_OK, found, sizeof(found)))
		given = found;
	if (given == NULL)
		say("run: libukmem-malloc.so is not there");
	else if (realpath(given, path) == NULL)
		say("run: %s: %s", given, strerror(errno));
	else if (path[strcspn(path, " :")] != '\0')
		say("run: %s: a path with a blank or a colon can't be preloaded", path);
	else if (!is_shared_library(path))
		say("run: %s: not a shared library", path);
	else
		return true;
	return false;
}

/* name=first, or name=first, @between and second when there is a second. */
static void set_joined(const char *name, const char *first, char between, const char *second)
{
	char *text;

	if (second == NULL || *second == '\0')
		setenv(name, first, 1);
	else if (asprintf(&text, "%s%c%s", first, between, second) >= 0)
		setenv(name, text, 1);
}

/* The library would pass over a word that it does not know; here somebody is there to ask. */
static bool are_understood(const char *text)
{
	struct options parsed = options;

	return options_parse(&parsed, text) == 0;
}

/* Later words win: those of the command line come after the environment's. */
static void set_options(const char *text)
{
	const char *before = getenv("UKMEM_OPTIONS");

	set_joined("UKMEM_OPTIONS", before != NULL ? before : text, ' ',
		   before != NULL ? text : NULL);
}

/* The program may change its directory; a file that can't be written is told now. */
static bool set_slabinfo(const char *file)
{
	char text[PATH_MAX + 32], directory[PATH_MAX] = "";
	int handle;

	if (strcmp(file, "--") == 0) {
		say("run: --slabinfo: to which file? - is standard error");
		return false;
	}
	if (strcmp(file, "-") != 0) {
		handle = open(file, O_WRONLY | O_CREAT | O_CLOEXEC, 0666);
		if (handle < 0) {
			say("run: %s: %s", file, strerror(errno));
			return false;
		}
		close(handle);
		if (file[0] != '/' && getcwd(directory, sizeof(directory) - 1) != NULL)
			strcat(directory, "/");
	}
	snprintf(text, sizeof(text), "%ld:%s%s", (long)getpid(), directory, file);
	setenv("UKMEM_SLABINFO", text, 1);
	return true;
}

static int become(char **argv)
{
	int error;

	execvp(argv[0], argv);
	error = errno;
	say("run: %s: %s", argv[0], strerror(error));
	return error == ENOENT ? EXIT_MISSING : EXIT_NOT_RUNNABLE;
}

int run_main(int argc, char **argv)
{
	struct run_options asked = { 0 };
	char library[PATH_MAX];
	int status = parse(argc, argv, &asked);

	if (status >= 0)
		return status;
	if (!choose_library(asked.library, library))
		return EXIT_USAGE;
	if (asked.options != NULL && !are_understood(asked.options))
		return EXIT_USAGE;
	if (asked.slabinfo != NULL && !set_slabinfo(asked.slabinfo))
		return EXIT_USAGE;
	if (asked.options != NULL)
		set_options(asked.options);
	set_joined("LD_PRELOAD", library, ':', getenv("LD_PRELOAD"));
	return become(argv + optind);
}

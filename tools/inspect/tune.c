/*
 * tune.c: "ukmem tune" and "ukmem shrink".
 */
#include <stdio.h>
#include <string.h>

#include "../../src/base/shown.h"
#include "../say.h"
#include "cli.h"
#include "inspect.h"
#include "mail.h"
#include "snapshot.h"

enum { ARRAY_LIMIT_MAX = 65535, TEXT_BYTES = 256 };

static const char tune_help[] =
	"Usage: ukmem tune PID CACHE LIMIT BATCHCOUNT SHARED\n"
	"Set how many objects a cache of a running program keeps for each CPU (LIMIT), how\n"
	"many move at a time (BATCHCOUNT), and how many batches the CPUs share (SHARED).\n"
	"The program's helper thread does it, in its next round: within two seconds.\n"
	"\n"
	"  -h, --help    print this\n"
	"\n"
	"Exit status: 0 done; 1 the program refused, or did not answer; 2 a bad word, or\n"
	"nothing that could be asked: nothing was changed.\n";

static const char shrink_help[] =
	"Usage: ukmem shrink PID [CACHE]\n"
	"Let a running program empty the arrays of a cache, or of all, and give free slabs\n"
	"and free pages back to the system. Its helper thread does it, in its next round.\n"
	"\n"
	"  -h, --help    print this\n"
	"\n"
	"Exit status: as of ukmem tune.\n";

static const struct option long_options[] = {
	{ "help", no_argument, NULL, 'h' },
	{ 0 }
};

/* Returns -1 to go on. */
static int parse(const char *command, const char *help, int argc, char **argv)
{
	int option = getopt_long(argc, argv, "+:h", long_options, NULL);

	if (option == 'h')
		return cli_help(help);
	return option == -1 ? -1 : cli_refuse(command, option, argv);
}

/* Is there one such cache that has arrays, and only one? The helper would take the newest. */
static bool knows_cache(struct target *target, const char *name)
{
	struct snapshot snapshot;
	size_t count = 0;

	if (!snapshot_take(&snapshot, target))
		return false;
	for (size_t i = 0; i < snapshot.caches_count; i++)
		count += snapshot.caches[i].address != 0 &&
			 strcmp(snapshot.caches[i].name, name) == 0;
	if (count == 0)
		say("%s has no cache \"%s\" that could be changed", target->name, name);
	if (count > 1)
		say("%s has %zu caches that are shown as \"%s\": which one is meant is not clear",
		    target->name, count, name);
	snapshot_free(&snapshot);
	return count == 1;
}

/* @cache may be NULL: then all are meant. */
static int send(const char *spec, const char *cache, enum field kind, const char *text)
{
	struct target target;
	int status = EXIT_USAGE;

	if (!target_open(&target, spec))
		return EXIT_USAGE;
	if (cache == NULL || knows_cache(&target, cache))
		status = mail_send(&target, kind, text);
	target_close(&target);
	return status;
}

static bool parse_tunables(char **words, long *numbers)
{
	if (!cli_number("tune", "LIMIT", words[0], 1, ARRAY_LIMIT_MAX, &numbers[0]) ||
	    !cli_number("tune", "BATCHCOUNT", words[1], 1, numbers[0], &numbers[1]) ||
	    !cli_number("tune", "SHARED", words[2], 0, ARRAY_LIMIT_MAX, &numbers[2]))
		return false;
	if (numbers[2] * numbers[1] <= ARRAY_LIMIT_MAX)
		return true;
	say("tune: SHARED times BATCHCOUNT is %ld; at most %d objects can be shared",
	    numbers[2] * numbers[1], ARRAY_LIMIT_MAX);
	return false;
}

int tune_main(int argc, char **argv)
{
	char text[TEXT_BYTES];
	long numbers[3];
	int status = parse("tune", tune_help, argc, argv);

	if (status >= 0)
		return status;
	if (!cli_words("tune", argc, 5, 5, "PID CACHE LIMIT BATCHCOUNT SHARED") ||
	    !parse_tunables(argv + optind + 2, numbers))
		return EXIT_USAGE;
	snprintf(text, sizeof(text), "%.200s %ld %ld %ld", shown(argv[optind + 1]), numbers[0],
		 numbers[1], numbers[2]);
	return send(argv[optind], argv[optind + 1], F_MAIL_TUNE, text);
}

int shrink_main(int argc, char **argv)
{
	int status = parse("shrink", shrink_help, argc, argv);

	if (status >= 0)
		return status;
	if (!cli_words("shrink", argc, 1, 2, "PID, and perhaps a cache"))
		return EXIT_USAGE;
	if (argc - optind == 1)
		return send(argv[optind], NULL, F_MAIL_SHRINK_ALL, "");
	return send(argv[optind], shown(argv[optind + 1]), F_MAIL_SHRINK, argv[optind + 1]);
}

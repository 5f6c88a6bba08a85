/*
 * leaks.c: "ukmem leaks": objects that the program can't reach any more.
 */
#include <inttypes.h>
#include <limits.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "../say.h"
#include "cli.h"
#include "forms.h"
#include "inspect.h"
#include "lost.h"

static const char help[] =
	"Usage: ukmem leaks [OPTION]... PID|CORE\n"
	"       ukmem leaks --at-exit [OPTION]... -- PROGRAM [WORD]...\n"
	"List the objects to which the program has no pointer left, by cache and, where\n"
	"checks track owners (UKMEM_OPTIONS=debug:U), by the stack that allocated them.\n"
	"A process is stopped while it is read, for a fraction of a second.\n"
	"\n"
	"  -r, --running           leave it running; what moves meanwhile may be taken for lost\n"
	"  -x, --at-exit           run a program, and look when it is about to be gone\n"
	"  -o, --output text|json  how to print; default text\n"
	"  -h, --help              print this\n"
	"\n"
	"Any word that looks like an address within an object counts as a pointer to it.\n"
	"Exit status: 0 nothing is lost; 1 something is, or the heap is damaged; 2 a bad\n"
	"option, or nothing to be read.\n";

/* ---- Printing ------------------------------------------------------------------------- */

static void print_text(struct target *target, const struct lost *lost)
{
	struct symbols *symbols = lost->count != 0 ? symbols_open(target) : NULL;
	uint64_t frame[OWNER_FRAMES_MAX];

	printf("%" PRIu64 " of %" PRIu64 " objects are lost, %" PRIu64 " bytes\n",
	       lost->objects, lost->live, lost->bytes);
	if (lost->count != 0)
		printf("%10s %12s  %-24s %s\n", "objects", "bytes", "cache", "one of them");
	for (size_t i = 0; i < lost->count; i++) {
		const struct lost_group *group = &lost->at[i];
		size_t count = owner_stack(target, group->stack, frame);

		printf("%10" PRIu64 " %12" PRIu64 "  %-24s %#" PRIx64 "\n", group->objects,
		       group->bytes, group->cache, group->example);
		for (size_t j = 0; j < count; j++)
			printf("%24s  %s\n", j == 0 ? "by" : "", symbols_name(symbols, frame[j]));
	}
	symbols_close(symbols);
}

/* ---- The command ------------------------------------------------------------------------ */

struct leaks_options {
	bool running, at_exit;
	int form;
};

static int tell(struct target *target, const struct lost *lost, const struct snapshot *snapshot,
		const struct leaks_options *options)
{
	int status;

	if (options->form == 1)
		print_json(stdout, lost_json(lost, target));
	else
		print_text(target, lost);
	status = snapshot_complain(snapshot, target);
	if (lost->damaged != 0)
		say("%s: %u slabs contradict themselves and were left out", target->name,
		    lost->damaged);
	return cli_finish(status != 0 || lost->damaged != 0 || lost->count != 0);
}

static int search(struct target *target, const struct snapshot *snapshot,
		  const struct leaks_options *options)
{
	struct lost lost;
	int status;

	if (!lost_find(&lost, target, snapshot))
		return target->gone ? EXIT_USAGE : 1;
	status = tell(target, &lost, snapshot, options);
	lost_free(&lost);
	return status;
}

static int look(struct target *target, const struct leaks_options *options)
{
	struct stopped stopped = { 0 };
	struct snapshot snapshot;
	int status = EXIT_USAGE;

	if (target->pid != 0 && !options->at_exit && (options->running || !stop_process(&stopped, target->pid)))
		say("process %s %s; what moved may be taken for lost", target->name,
		    options->running ? "runs while it is read" : "could not be stopped");
	if (snapshot_take(&snapshot, target)) {
		status = search(target, &snapshot, options);
		snapshot_free(&snapshot);
	}
	stop_end(&stopped);
	return status;
}

/* Whether something is lost is what the status tells; how the program ended is said. */
static int look_at_exit(char **words, const struct leaks_options *options)
{
	pid_t pid = run_until_exit(words);
	struct target target;
	int status = EXIT_USAGE, ended;
	char name[16];

	if (pid < 0)
		return EXIT_USAGE;
	snprintf(name, sizeof(name), "%d", (int)pid);
	if (target_open_as(&target, name, words[0])) {
		status = look(&target, options);
		target_close(&target);
	}
	ended = let_exit(pid);
	if (ended != 0)
		say("%s ended with status %d", words[0], ended);
	return status;
}

static bool set_form(struct leaks_options *options, const char *name)
{
	options->form = strcmp(name, "json") == 0;
	if (options->form == 1 || strcmp(name, "text") == 0)
		return true;
	say("leaks: -o: expected one of text, json, not \"%s\"", name);
	return false;
}

int leaks_main(int argc, char **argv)
{
	static const struct option long_options[] = {
		{ "running", no_argument, NULL, 'r' },
		{ "at-exit", no_argument, NULL, 'x' },
		{ "output", required_argument, NULL, 'o' },
		{ "help", no_argument, NULL, 'h' },
		{ 0 }
	};
	struct leaks_options options = { 0 };
	struct target target;
	int option, status;

	while ((option = getopt_long(argc, argv, ":o:rxh", long_options, NULL)) != -1) {
		if (option == 'h')
			return cli_help(help);
		if (option == 'r')
			options.running = true;
		else if (option == 'x')
			options.at_exit = true;
		else if (option != 'o')
			return cli_refuse("leaks", option, argv);
		else if (!set_form(&options, optarg))
			return EXIT_USAGE;
	}
	if (options.at_exit)
		return cli_words("leaks", argc, 1, INT_MAX, "a program") ?
		       look_at_exit(argv + optind, &options) : EXIT_USAGE;
	if (!cli_words("leaks", argc, 1, 1, "one PID or core file") ||
	    !target_open(&target, argv[optind]))
		return EXIT_USAGE;
	status = look(&target, &options);
	target_close(&target);
	return status;
}

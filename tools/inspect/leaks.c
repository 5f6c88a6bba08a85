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
#include "profile.h"
#include "reach.h"

static const char help[] =
	"Usage: ukmem leaks [OPTION]... PID|CORE\n"
	"       ukmem leaks --at-exit [OPTION]... -- PROGRAM [WORD]...\n"
	"List the objects to which the program has no pointer left, by cache and, where\n"
	"checks track owners (UKMEM_OPTIONS=debug:U), by the stack that allocated them.\n"
	"A process is stopped while it is read, for a fraction of a second.\n"
	"\n"
	"  -r, --running   leave it running; what moves meanwhile may be taken for lost\n"
	"  -x, --at-exit   run a program, and look when it is about to be gone\n"
	"  -o text|json    how to print; default text\n"
	"  -h, --help      print this\n"
	"\n"
	"Any word that looks like an address within an object counts as a pointer to it.\n"
	"Exit status: 0 nothing is lost; 1 something is, or the heap is damaged; 2 a bad\n"
	"option, or nothing to be read.\n";

/* What was lost in one way. */
struct group {
	const char *cache;
	uint32_t stack;                /* 0: not known */
	uint64_t objects, bytes, example;
};

struct groups {
	struct group *at;
	size_t count;
	uint64_t objects, bytes;
};

/* ---- Grouping ------------------------------------------------------------------------- */

static int by_cache_and_stack(const void *a, const void *b)
{
	const struct group *left = a, *right = b;
	int names = strcmp(left->cache, right->cache);

	if (names != 0)
		return names;
	if (left->stack != right->stack)
		return left->stack < right->stack ? -1 : 1;
	return left->example < right->example ? -1 : left->example > right->example;
}

static int by_bytes(const void *a, const void *b)
{
	const struct group *left = a, *right = b;

	if (left->bytes != right->bytes)
		return left->bytes > right->bytes ? -1 : 1;
	return by_cache_and_stack(a, b);
}

static uint32_t stack_of(struct reach *reach, const struct block *block, uint64_t index)
{
	struct owner_tables tables;
	struct owner_view owner;

	if (block->cache == NULL)
		return 0;
	tables = owner_tables_of(reach->target, block->cache);
	if (!tables.tracked ||
	    !owner_read(reach->target, &tables, block->slab, (uint32_t)index, &owner))
		return 0;
	return owner.allocated.stack;
}

/* Each lost object as a group of its own. */
static void list_lost(struct groups *groups, struct reach *reach)
{
	for (size_t i = 0; i < reach->count; i++) {
		const struct block *block = &reach->block[i];

		for (uint64_t j = 0; j < (block->end - block->start) / block->size; j++) {
			if (reach->mark[block->first + j] != MARK_LOST)
				continue;
			groups->at[groups->count++] = (struct group){
				.cache = block->cache != NULL ? block->cache->name : "(pages)",
				.stack = stack_of(reach, block, j),
				.objects = 1,
				.bytes = block->object_size,
				.example = block->start + j * block->size,
			};
			groups->objects++;
			groups->bytes += block->object_size;
		}
	}
}

static void join(struct groups *groups)
{
	size_t count = 0;

	for (size_t i = 0; i < groups->count; i++) {
		struct group *last = count != 0 ? &groups->at[count - 1] : NULL;
		const struct group *next = &groups->at[i];

		if (last == NULL || strcmp(last->cache, next->cache) != 0 ||
		    last->stack != next->stack) {
			groups->at[count++] = *next;
			continue;
		}
		last->objects++;
		last->bytes += next->bytes;
	}
	groups->count = count;
}

static bool make_groups(struct groups *groups, struct reach *reach)
{
	*groups = (struct groups){ .at = calloc(reach->live + 1, sizeof(*groups->at)) };
	if (groups->at == NULL)
		return false;
	list_lost(groups, reach);
	qsort(groups->at, groups->count, sizeof(*groups->at), by_cache_and_stack);
	join(groups);
	qsort(groups->at, groups->count, sizeof(*groups->at), by_bytes);
	return true;
}

/* ---- Printing ------------------------------------------------------------------------- */

static void print_text(struct target *target, const struct groups *groups, uint64_t live,
		       struct symbols *symbols)
{
	uint64_t frame[OWNER_FRAMES_MAX];

	printf("%" PRIu64 " of %" PRIu64 " objects are lost, %" PRIu64 " bytes\n",
	       groups->objects, live, groups->bytes);
	if (groups->count != 0)
		printf("%10s %12s  %-24s %s\n", "objects", "bytes", "cache", "one of them");
	for (size_t i = 0; i < groups->count; i++) {
		const struct group *group = &groups->at[i];
		size_t count = owner_stack(target, group->stack, frame);

		printf("%10" PRIu64 " %12" PRIu64 "  %-24s %#" PRIx64 "\n", group->objects,
		       group->bytes, group->cache, group->example);
		for (size_t j = 0; j < count; j++)
			printf("%24s  %s\n", j == 0 ? "by" : "", symbols_name(symbols, frame[j]));
	}
}

static json_t *group_json(struct target *target, const struct group *group,
			  struct symbols *symbols)
{
	uint64_t frame[OWNER_FRAMES_MAX];
	size_t count = owner_stack(target, group->stack, frame);
	json_t *stack = json_array();
	char example[24];

	for (size_t i = 0; i < count; i++)
		json_array_append_new(stack, json_string(symbols_name(symbols, frame[i])));
	snprintf(example, sizeof(example), "%#" PRIx64, group->example);
	return json_pack("{s:s, s:I, s:I, s:s, s:o}", "cache", group->cache,
			 "objects", (json_int_t)group->objects, "bytes", (json_int_t)group->bytes,
			 "example", example, "stack", stack);
}

static void print_as_json(struct target *target, const struct groups *groups, uint64_t live,
			  struct symbols *symbols)
{
	json_t *list = json_array();

	for (size_t i = 0; i < groups->count; i++)
		json_array_append_new(list, group_json(target, &groups->at[i], symbols));
	print_json(stdout, json_pack("{s:I, s:I, s:I, s:o}", "live_objects", (json_int_t)live,
				     "lost_objects", (json_int_t)groups->objects,
				     "lost_bytes", (json_int_t)groups->bytes, "lost", list));
}

/* ---- The command ------------------------------------------------------------------------ */

struct leaks_options {
	bool running, at_exit;
	int form;
};

static int tell(struct reach *reach, const struct snapshot *snapshot,
		const struct leaks_options *options)
{
	struct target *target = reach->target;
	struct symbols *symbols;
	struct groups groups;
	int status;

	if (!make_groups(&groups, reach)) {
		say("%s: out of memory", target->name);
		return 1;
	}
	symbols = groups.count != 0 ? symbols_open(target) : NULL;
	(options->form == 1 ? print_as_json : print_text)(target, &groups, reach->live, symbols);
	symbols_close(symbols);
	free(groups.at);
	status = snapshot_complain(snapshot, target);
	if (reach->damaged != 0)
		say("%s: %u slabs contradict themselves and were left out", target->name,
		    reach->damaged);
	return cli_finish(status != 0 || reach->damaged != 0 || groups.count != 0);
}

static int search(struct target *target, const struct snapshot *snapshot,
		  const struct leaks_options *options)
{
	struct reach reach;
	struct roots roots = { 0 };
	int status = 1;

	if (!reach_collect(&reach, target, snapshot)) {
		say("%s: out of memory", target->name);
		return 1;
	}
	if (roots_collect(&roots, target)) {
		reach_from(&reach, &roots, snapshot);
		status = target->gone ? target_lost(target) : tell(&reach, snapshot, options);
	} else {
		say("%s: out of memory", target->name);
	}
	roots_free(&roots);
	reach_free(&reach);
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

	if (pid < 0) {
		say("%s: it did not run to an end that can be looked at", words[0]);
		return EXIT_USAGE;
	}
	snprintf(name, sizeof(name), "%d", (int)pid);
	if (target_open(&target, name)) {
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

/*
 * main.c: ukmem-oracle, the allocator against what a SLAB kernel printed.
 */
#include <getopt.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <unistd.h>

#include "files.h"
#include "formats.h"
#include "input.h"
#include "report.h"

static const char help[] =
	"Usage: ukmem-oracle [OPTION]... PATH...\n"
	"Compare the allocator, row by row, with tables that a kernel's SLAB allocator\n"
	"printed: CSV files (also .zst), slabinfo texts and scripts, in folders or alone.\n"
	"\n"
	"A table's machine is in its name or its folder's: 4c2n is four CPUs on two nodes,\n"
	"1c1n-order0 one CPU with slab_max_order=0; without a name it is 1c1n.\n"
	"\n"
	"  -b, --backend rseq|locked|both  which back-end of the arrays (default both)\n"
	"  -j, --jobs N                    files at the same time (default: CPUs)\n"
	"  -v, --verbose                   tell what is named, why and where\n"
	"  -h, --help                      print this\n"
	"\n"
	"Exit status: 0 all rows are equal, or differ as a named rule says; 1 some differ;\n"
	"2 a file can't be read or is of no known kind, or the command line is wrong.\n";

struct settings {
	bool use[BACKENDS];
	bool verbose;
	unsigned at_once;
};

static bool parse_backend(const char *word, struct settings *settings)
{
	settings->use[ON_RSEQ] = strcmp(word, "rseq") == 0 || strcmp(word, "both") == 0;
	settings->use[ON_LOCKED] = strcmp(word, "locked") == 0 || strcmp(word, "both") == 0;
	return settings->use[ON_RSEQ] || settings->use[ON_LOCKED];
}

static bool parse_jobs(const char *word, struct settings *settings)
{
	char *end;
	long number = strtol(word, &end, 10);

	settings->at_once = (unsigned)number;
	return *end == '\0' && number >= 1 && number <= 1024;
}

/* False when the command line is wrong. */
static bool parse_options(int argc, char **argv, struct settings *settings)
{
	static const struct option long_options[] = {
		{ "backend", required_argument, NULL, 'b' },
		{ "jobs", required_argument, NULL, 'j' },
		{ "verbose", no_argument, NULL, 'v' },
		{ "help", no_argument, NULL, 'h' },
		{ NULL, 0, NULL, 0 },
	};
	int option;
	bool good = true;

	while (good && (option = getopt_long(argc, argv, "b:j:vh", long_options, NULL)) != -1) {
		switch (option) {
		case 'b':
			good = parse_backend(optarg, settings);
			break;
		case 'j':
			good = parse_jobs(optarg, settings);
			break;
		case 'v':
			settings->verbose = true;
			break;
		case 'h':
			fputs(help, stdout);
			exit(EXIT_EQUAL);
		default:
			good = false;
		}
	}
	return good && optind < argc;
}

/* ---- From files to jobs ------------------------------------------------------------------ */

struct plan {
	struct job *jobs;
	unsigned count, room;
	bool unusable;          /* some file was */
};

static void complain(struct plan *plan, const char *path, const char *why)
{
	fprintf(stderr, "ukmem-oracle: %s: %s\n", path, why);
	plan->unusable = true;
}

static void add_job(struct plan *plan, const struct job *job)
{
	if (plan->count == plan->room) {
		plan->room = plan->room * 2 + 64;
		plan->jobs = must_allocate(plan->jobs, plan->room * sizeof(*plan->jobs));
	}
	plan->jobs[plan->count++] = *job;
}

/*
 * A script's rows are those of tables on several machines; one that has to be run
 * gets the machine that has what any of them asks for.
 */
static struct machine machine_of(const struct format *format, const char *path)
{
	if (format->kind == KIND_SCRIPTS)
		return (struct machine){ .cpus = 4, .nodes = 2, .max_order = -1 };
	return machine_of_path(path);
}

static bool is_text(const char *path)
{
	return name_ends_in(path, ".txt") || name_ends_in(path, ".txt.zst");
}

static void plan_file(struct plan *plan, const struct files *files, unsigned at,
		      const struct settings *settings)
{
	const char *path = files->path[at], *why = "";
	char *text = input_read(path, &why);
	const struct format *format = text != NULL ? format_of(text) : NULL;

	free(text);
	if (text == NULL) {
		complain(plan, path, why);
		return;
	}
	if (format == NULL && is_text(path) && !files->asked[at]) {
		printf("%s: passed over, neither a script nor a slabinfo\n", path);
		return;
	}
	if (format == NULL) {
		complain(plan, path, "no table of a known kind");
		return;
	}
	for (unsigned backend = 0; backend < BACKENDS; backend++)
		if (settings->use[backend])
			add_job(plan, &(struct job){
				.path = path,
				.format = format,
				.kind = kind_of_file(format, path),
				.machine = machine_of(format, path),
				.backend = (enum backend_choice)backend,
				.tables = (const char *const *)files->path,
			});
}

/* The results are shared with the processes that fill them in. */
static void give_results(struct plan *plan)
{
	struct result *results = mmap(NULL, (plan->count + 1) * sizeof(*results),
				      PROT_READ | PROT_WRITE, MAP_SHARED | MAP_ANONYMOUS, -1, 0);

	if (results == MAP_FAILED) {
		fprintf(stderr, "ukmem-oracle: out of memory\n");
		exit(EXIT_UNUSABLE);
	}
	for (unsigned i = 0; i < plan->count; i++)
		plan->jobs[i].result = &results[i];
}

int main(int argc, char **argv)
{
	struct settings settings = { .use = { true, true } };
	struct files files = { 0 };
	struct plan plan = { 0 };
	long cpus = sysconf(_SC_NPROCESSORS_ONLN);
	int status;

	settings.at_once = cpus > 0 ? (unsigned)cpus : 1;
	if (!parse_options(argc, argv, &settings)) {
		fputs(help, stderr);
		return EXIT_UNUSABLE;
	}
	for (int i = optind; i < argc; i++)
		if (!files_add(&files, argv[i]))
			complain(&plan, argv[i], "can't be read");
	for (unsigned i = 0; i < files.count; i++)
		plan_file(&plan, &files, i, &settings);
	if (plan.count == 0 && !plan.unusable)
		complain(&plan, argv[optind], "no tables there");
	if (plan.count == 0)
		return EXIT_UNUSABLE;
	give_results(&plan);
	jobs_run(plan.jobs, plan.count, settings.at_once);
	status = report(plan.jobs, plan.count, settings.verbose);
	return plan.unusable ? EXIT_UNUSABLE : status;
}

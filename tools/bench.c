/*
 * bench.c: "ukmem bench": who is there, what to run, run it, tell.
 */
#include "bench.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>
#include <sys/stat.h>

#include "inspect/cli.h"
#include "say.h"

static bool run_all(struct bench *bench)
{
	for (unsigned row = 0; row < bench->rows_count; row++)
		if (!bench_run_row(bench, row))
			return false;
	if (isatty(STDERR_FILENO))
		fprintf(stderr, "\r\033[K");
	bench->hit_instructions = hit_instructions();
	return true;
}

static bool traces_are_there(const struct bench_options *options)
{
	for (unsigned i = 0; i < options->traces_count; i++)
		if (access(options->traces[i], R_OK) != 0) {
			say("bench: --trace: %s can't be read", options->traces[i]);
			return false;
		}
	return true;
}

/* Minutes later is late to find that nothing can be kept. */
static bool folder_is_there(const char *folder)
{
	if (folder == NULL || mkdir(folder, 0777) == 0 || errno == EEXIST)
		return true;
	say("bench: %s: %s", folder, strerror(errno));
	return false;
}

int bench_main(int argc, char **argv)
{
	static struct bench bench;
	int status = bench_parse(&bench.options, argc, argv);

	if (status >= 0)
		return status;
	if (!traces_are_there(&bench.options) || !folder_is_there(bench.options.save))
		return EXIT_USAGE;
	if (!bench_list_rows(&bench))
		return EXIT_USAGE;
	if (bench.options.list)
		return cli_finish(EXIT_SUCCESS);
	if (!bench_has_all_wanted(&bench))
		return EXIT_USAGE;
	bench_find_peers(&bench);
	if (!run_all(&bench))
		return EXIT_FAILURE;
	bench_print(&bench, bench.options.format, stdout);
	if (bench.options.save != NULL && !bench_save(&bench))
		return EXIT_FAILURE;
	return cli_finish(EXIT_SUCCESS);
}

/*
 * replay.c: "ukmem replay": load every file, then play them one by one.
 *
 * All files are proved sound before the first is played, so a long run does not end
 * at the third file's missing byte.
 */
#include "replay.h"

#include <stdio.h>
#include <stdlib.h>

#include "report.h"
#include "say.h"

static bool load_all(struct trace *traces, const struct replay_options *options)
{
	for (int i = 0; i < options->files_count; i++)
		if (!trace_load(&traces[i], options->files[i]))
			return false;
	return true;
}

static bool play_one(const struct trace *trace, const struct replay_options *options, bool is_first)
{
	struct replay replay;
	bool played = replay_run(&replay, trace, options);

	if (played && !options->quiet)
		report_print(&replay, is_first);
	replay_free(&replay);
	return played;
}

static bool play_all(const struct trace *traces, const struct replay_options *options)
{
	bool played = true;

	if (!options->quiet)
		report_begin(options);
	for (int i = 0; i < options->files_count && played; i++)
		played = play_one(&traces[i], options, i == 0);
	if (!options->quiet)
		report_end(options);
	return played;
}

static int load_and_play(struct trace *traces, const struct replay_options *options)
{
	if (!load_all(traces, options))
		return EXIT_USAGE;
	if (!play_all(traces, options))
		return EXIT_REPLAY_FAILED;
	if (fflush(stdout) == 0 && !ferror(stdout))
		return EXIT_SUCCESS;
	say("cannot write the result");
	return EXIT_REPLAY_FAILED;
}

int replay_main(int argc, char **argv)
{
	struct replay_options options;
	struct trace *traces;
	int status = replay_parse(&options, argc, argv);

	if (status >= 0)
		return status;
	traces = calloc((size_t)options.files_count, sizeof(*traces));
	if (traces == NULL) {
		say("out of memory");
		return EXIT_REPLAY_FAILED;
	}
	status = load_and_play(traces, &options);
	for (int i = 0; i < options.files_count; i++)
		trace_free(&traces[i]);
	free(traces);
	return status;
}

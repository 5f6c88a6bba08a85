/*
 * record.c: "ukmem record": a program's caches over time, for ukmem report.
 */
#include <limits.h>
#include <math.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <time.h>

#include "../say.h"
#include "cli.h"
#include "events.h"
#include "forms.h"
#include "inspect.h"
#include "lost.h"
#include "mail.h"
#include "output.h"
#include "recording.h"

static const char help[] =
	"Usage: ukmem record [OPTION]... -o RUN.json PID\n"
	"       ukmem record --trace [-t S] -o TRACE PID\n"
	"       ukmem record --trace -o TRACE -- PROGRAM [ARGUMENT]...\n"
	"Record the caches of a running program, for ukmem report. Ends after the time that\n"
	"was asked for, at an interrupt, or with the program.\n"
	"\n"
	"  -T, --trace           record each allocation and free instead, as a trace for ukmem\n"
	"                        replay: of a program to start, of a process from now on, or\n"
	"                        of one that was started with UKMEM_OPTIONS=trace:FILE, up to\n"
	"                        now\n"
	"  -o, --output FILE     where to; needed\n"
	"  -i, --interval S      seconds between two samples, 0.01 to 3600; default 1\n"
	"  -t, --time S          for how long; default until interrupted\n"
	"  -l, --leaks           look for leaks at the end; the program is stopped for that,\n"
	"                        for a fraction of a second\n"
	"  -h, --help            print this\n"
	"\n"
	"Exit status: 0 all went well; 1 the file could not be written; 2 a bad option, or\n"
	"nothing to be read.\n";

static const struct option long_options[] = {
	{ "output", required_argument, NULL, 'o' },
	{ "interval", required_argument, NULL, 'i' },
	{ "time", required_argument, NULL, 't' },
	{ "trace", no_argument, NULL, 'T' },
	{ "leaks", no_argument, NULL, 'l' },
	{ "help", no_argument, NULL, 'h' },
	{ 0 }
};

struct record_options {
	const char *output;
	double interval_seconds, time_seconds;
	bool trace, leaks;
};

static volatile sig_atomic_t interrupted;

static void on_interrupt(int signal_number)
{
	(void)signal_number;
	interrupted = 1;
}

static void catch_interrupts(void)
{
	struct sigaction action = { .sa_handler = on_interrupt };

	sigaction(SIGINT, &action, NULL);
	sigaction(SIGTERM, &action, NULL);
}

static double now_seconds(void)
{
	struct timespec now;

	clock_gettime(CLOCK_MONOTONIC, &now);
	return (double)now.tv_sec + (double)now.tv_nsec / 1e9;
}

static void pause_until(double when)
{
	double seconds = when - now_seconds();
	struct timespec time;

	if (seconds <= 0)
		return;
	time = (struct timespec){ (time_t)seconds, (long)(fmod(seconds, 1) * 1e9) };
	nanosleep(&time, NULL);
}

/* One more sample; the pages too, which only the last sample keeps. */
static bool sample(json_t *recording, struct target *target)
{
	struct snapshot snapshot;
	json_t *runs;

	if (!snapshot_take(&snapshot, target))
		return false;
	runs = runs_json(target, &snapshot, NULL);
	if (!target->gone)
		recording_add(recording, snapshot_json(&snapshot, target), runs);
	else
		json_decref(runs);
	snapshot_free(&snapshot);
	return !target->gone;
}

/*
 * Misses shall be timed while we record: asked for again and again, each time for twice as
 * long as until the next time, so that it ends with us. Where there is no helper to ask, or
 * it is another tool's turn, they are not timed.
 */
struct timing {
	struct mail pending;
	double next;
};

static void ask_for_times(struct timing *timing, struct target *target, double interval)
{
	double seconds = fmin(fmax(10, 2 * interval), 7200);
	char text[32];

	if (!mail_is_answered(target, &timing->pending) || now_seconds() < timing->next)
		return;
	snprintf(text, sizeof(text), "%.0f", seconds);
	if (mail_post(target, &timing->pending, F_MAIL_TIME, text))
		timing->next = now_seconds() + seconds / 2;
}

static json_t *sample_all(struct target *target, const struct record_options *options)
{
	json_t *recording = recording_new();
	struct timing timing = { .pending.lock = -1 };
	double begin = now_seconds();

	for (unsigned long i = 0; sample(recording, target) && !interrupted; i++) {
		double next = begin + (double)(i + 1) * options->interval_seconds;

		if (next > begin + options->time_seconds)
			break;
		ask_for_times(&timing, target, options->interval_seconds);
		pause_until(next);
	}
	if (options->leaks && !target->gone)
		recording_set_leaks(recording, leaks_json(target));
	return recording;
}

/* What was seen, if anything, is written. */
static int record_to(struct output *output, struct target *target,
		     const struct record_options *options)
{
	json_t *recording;
	int status = EXIT_USAGE;

	catch_interrupts();
	recording = sample_all(target, options);
	if (recording_is_empty(recording))
		output_drop(output);
	else
		status = output_close(output, print_json(output->file, json_incref(recording)));
	json_decref(recording);
	return status;
}

static int record(const char *spec, const struct record_options *options)
{
	struct target target;
	struct output output;
	int status = EXIT_USAGE;

	if (!target_open(&target, spec))
		return EXIT_USAGE;
	if (target.pid == 0)
		say("%s is a core, in which nothing moves; give it to ukmem report", spec);
	else if (!output_open(&output, options->output))
		status = EXIT_FAILURE;
	else
		status = record_to(&output, &target, options);
	target_close(&target);
	return status;
}

static bool set_seconds(const char *what, const char *word, double min, double max,
			double *seconds)
{
	char *end;

	*seconds = strtod(word, &end);
	if (*end == '\0' && end != word && *seconds >= min && *seconds <= max)
		return true;
	say("record: %s: expected seconds from %g to %.0f, not \"%s\"", what, min, max, word);
	return false;
}

static bool set_option(struct record_options *options, int option, char **argv)
{
	switch (option) {
	case 'o':
		options->output = optarg;
		return true;
	case 'T':
		options->trace = true;
		return true;
	case 'l':
		options->leaks = true;
		return true;
	case 'i':
		return set_seconds("--interval", optarg, 0.01, 3600, &options->interval_seconds);
	case 't':
		return set_seconds("--time", optarg, 0, 31536000, &options->time_seconds);
	default:
		cli_refuse("record", option, argv);
		return false;
	}
}

int record_main(int argc, char **argv)
{
	struct record_options options = { .time_seconds = INFINITY };
	int option;

	while ((option = getopt_long(argc, argv, ":o:i:t:Tlh", long_options, NULL)) != -1) {
		if (option == 'h')
			return cli_help(help);
		if (!set_option(&options, option, argv))
			return EXIT_USAGE;
	}
	if (!cli_words("record", argc, 1, options.trace ? INT_MAX : 1,
		       options.trace ? "a PID or a program" : "one PID"))
		return EXIT_USAGE;
	if (options.output == NULL) {
		say("record: where to? -o FILE is needed");
		return EXIT_USAGE;
	}
	if (options.trace && (options.leaks || options.interval_seconds != 0)) {
		say("record: --interval and --leaks are not for --trace");
		return EXIT_USAGE;
	}
	if (options.trace)
		return record_trace(argv + optind, options.output, options.time_seconds);
	if (options.interval_seconds == 0)
		options.interval_seconds = 1;
	return record(argv[optind], &options);
}

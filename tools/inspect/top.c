/*
 * top.c: "ukmem top": the caches of a running program, again and again.
 */
#include <errno.h>
#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

#include "../say.h"
#include "cli.h"
#include "inspect.h"
#include "rows.h"
#include "screen.h"

static const char help[] =
	"Usage: ukmem top [OPTION]... PID\n"
	"Watch the caches of a running program: live objects, free ones that wait in arrays,\n"
	"memory, the part of it that is in no live object, misses a second.\n"
	"\n"
	"  -b, --batch        print tables one after the other, without a screen\n"
	"  -d, --delay S      seconds between them, 0.1 to 3600; default 2\n"
	"  -n, --number N     that many, then end\n"
	"  -s, --sort KEY     order at first; default c\n"
	"  -h, --help         print this\n"
	"\n"
	"Keys: order by a active objects, b objects a slab, c memory, l slabs, v active\n"
	"slabs, n name, o objects, p pages a slab, s object size, u use (as slabtop), r rate\n"
	"of misses, h hits, w wasted memory; arrows choose a cache, Enter looks into it; space\n"
	"refreshes, q quits. HIT>=: by what the arrays lost or gained between two misses; a\n"
	"free and an allocation that met in between are not seen.\n";

static const struct option long_options[] = {
	{ "batch", no_argument, NULL, 'b' },
	{ "delay", required_argument, NULL, 'd' },
	{ "number", required_argument, NULL, 'n' },
	{ "sort", required_argument, NULL, 's' },
	{ "help", no_argument, NULL, 'h' },
	{ 0 }
};

struct top {
	struct target target;
	struct snapshot before, now;
	struct view view;
	bool batch;
	double delay_seconds;
	long number, done;             /* 0: for ever */
};

/* The next picture; false when the target is gone. */
static bool advance(struct top *top)
{
	struct snapshot next;

	if (!snapshot_take(&next, &top->target))
		return false;
	snapshot_free(&top->before);
	top->before = top->now;
	top->now = next;
	return true;
}

static bool is_last(struct top *top)
{
	return ++top->done == top->number;
}

/* ---- Batch ------------------------------------------------------------------------------ */

static bool print_table(struct top *top)
{
	struct rows rows;
	char text[ROW_BYTES];

	if (!rows_make(&rows, &top->before, &top->now, top->view.key))
		return false;
	for (int line = 0; rows_head(&top->now, &top->target, line, text, sizeof(text)); line++)
		puts(text);
	row_title(text, sizeof(text));
	printf("\n%s\n", text);
	for (size_t i = 0; i < rows.count; i++) {
		row_text(&rows.at[i], text, sizeof(text));
		puts(text);
	}
	putchar('\n');
	rows_free(&rows);
	return fflush(stdout) == 0;
}

static void pause_for(double seconds)
{
	struct timespec time = { (time_t)seconds, (long)(fmod(seconds, 1) * 1e9) };

	while (nanosleep(&time, &time) != 0 && errno == EINTR)
		;
}

static int run_batch(struct top *top)
{
	while (advance(top)) {
		if (!print_table(top) || is_last(top))
			return cli_finish(0);
		pause_for(top->delay_seconds);
	}
	return EXIT_USAGE;
}

/* ---- Screen ------------------------------------------------------------------------------- */

/* Draw and wait, until it is time for the next picture. */
static enum action show(struct top *top)
{
	enum action action = ACTION_REDRAW;

	while (action == ACTION_REDRAW) {
		struct rows rows;

		if (!rows_make(&rows, &top->before, &top->now, top->view.key))
			return ACTION_QUIT;
		screen_draw(&top->view, &rows, &top->now, &top->target);
		action = screen_wait(&top->view, &rows, (int)(top->delay_seconds * 1000));
		rows_free(&rows);
	}
	return action;
}

/* What there is to say is said when the screen is closed again. */
static int run_screen(struct top *top)
{
	bool ended = false;

	if (!advance(top) || !screen_open())
		return EXIT_USAGE;
	while (!ended && show(top) != ACTION_QUIT && !is_last(top)) {
		char byte;

		ended = !target_read(&top->target, value_of(&top->target, F_BOOTED), &byte, 1) ||
			!advance(top);
	}
	screen_close();
	if (!ended)
		return 0;
	top->target.gone = true;
	return target_lost(&top->target);
}

static bool set_delay(struct top *top, const char *word)
{
	char *end;

	top->delay_seconds = strtod(word, &end);
	if (*end == '\0' && end != word && top->delay_seconds >= 0.1 && top->delay_seconds <= 3600)
		return true;
	say("top: --delay: expected seconds from 0.1 to 3600, not \"%s\"", word);
	return false;
}

static bool set_option(struct top *top, int option, char **argv)
{
	switch (option) {
	case 'b':
		top->batch = true;
		return true;
	case 'd':
		return set_delay(top, optarg);
	case 'n':
		return cli_number("top", "--number", optarg, 1, 1000000000, &top->number);
	case 's':
		top->view.key = optarg[0];
		if (rows_key_is_known(optarg[0]) && optarg[1] == '\0')
			return true;
		say("top: --sort: \"%s\" is no key; see ukmem top --help", optarg);
		return false;
	default:
		cli_refuse("top", option, argv);
		return false;
	}
}

int top_main(int argc, char **argv)
{
	struct top top = { .delay_seconds = 2, .view.key = 'c' };
	int option, status;

	while ((option = getopt_long(argc, argv, ":bd:n:s:h", long_options, NULL)) != -1) {
		if (option == 'h')
			return cli_help(help);
		if (!set_option(&top, option, argv))
			return EXIT_USAGE;
	}
	if (!cli_words("top", argc, 1, 1, "one PID") || !target_open(&top.target, argv[optind]))
		return EXIT_USAGE;
	if (top.target.pid == 0 && !top.batch) {
		say("%s is a core, in which nothing moves; use ukmem stat", top.target.name);
		status = EXIT_USAGE;
	} else {
		status = top.batch ? run_batch(&top) : run_screen(&top);
	}
	snapshot_free(&top.before);
	snapshot_free(&top.now);
	target_close(&top.target);
	return status;
}

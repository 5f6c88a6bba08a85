/*
 * report_table.c: a replay's figures for people: a line of what was played, the caches,
 * then one row for each figure and one column for each allocator.
 */
#include <math.h>
#include <stdio.h>
#include <unistd.h>

#include "report.h"

enum { TEXT_BYTES = 40 };

static const char *bold(void)
{
	return isatty(STDOUT_FILENO) ? "\033[1m" : "";
}

static const char *plain(void)
{
	return isatty(STDOUT_FILENO) ? "\033[0m" : "";
}

/* "1,988,027" */
static const char *format_count(char *text, uint64_t number)
{
	char digits[24];
	int length = snprintf(digits, sizeof(digits), "%llu", (unsigned long long)number);
	char *to = text;

	for (int i = 0; i < length; i++) {
		if (i > 0 && (length - i) % 3 == 0)
			*to++ = ',';
		*to++ = digits[i];
	}
	*to = '\0';
	return text;
}

static const char *format_bytes(char *text, int64_t bytes)
{
	double size = (double)bytes;

	if (bytes == INT64_MIN)
		snprintf(text, TEXT_BYTES, "-");
	else if (fabs(size) < 1 << 20)
		snprintf(text, TEXT_BYTES, "%.0f KiB", size / (1 << 10));
	else
		snprintf(text, TEXT_BYTES, "%.1f MiB", size / (1 << 20));
	return text;
}

static const char *format_seconds(char *text, double seconds)
{
	if (seconds < 1)
		snprintf(text, TEXT_BYTES, "%.2f ms", seconds * 1e3);
	else
		snprintf(text, TEXT_BYTES, "%.3f s", seconds);
	return text;
}

static const char *format_speed(char *text, double per_second)
{
	snprintf(text, TEXT_BYTES, "%.2f M", per_second / 1e6);
	return text;
}

static const char *format_rate(char *text, double rate)
{
	if (isnan(rate))
		snprintf(text, TEXT_BYTES, "-");
	else
		snprintf(text, TEXT_BYTES, "%.2f %%", rate * 100);
	return text;
}

/* A row: malloc's column only when it was played. */
static void row(const struct replay *replay, const char *what, const char *ours,
		const char *theirs)
{
	if (replay->options->vs_malloc)
		printf("%-28s%14s%14s\n", what, ours, theirs);
	else
		printf("%-28s%14s\n", what, ours);
}

static void bytes_row(const struct replay *replay, const char *what, int64_t ours, int64_t theirs)
{
	char a[TEXT_BYTES], b[TEXT_BYTES];

	row(replay, what, format_bytes(a, ours), format_bytes(b, theirs));
}

static void print_played(const struct replay *replay)
{
	const struct trace *trace = replay->trace;
	const struct replay_options *options = replay->options;
	char events[TEXT_BYTES];

	printf("%s%s%s: %s events on %u CPU%s, %u round%s%s%s%s\n", bold(), trace->path, plain(),
	       format_count(events, trace->events), trace->cpus, trace->cpus == 1 ? "" : "s",
	       options->rounds, options->rounds == 1 ? "" : "s",
	       options->check ? ", objects checked" : "", options->pin ? "" : ", not pinned",
	       replay->is_rseq ? "" : ", arrays under locks");
}

static void print_live(const struct trace *trace)
{
	char objects[TEXT_BYTES], bytes[TEXT_BYTES];

	printf("%-28s%14s objects of %s asked for\n", "live at the end",
	       format_count(objects, trace->live_objects),
	       format_bytes(bytes, (int64_t)trace->live_bytes));
}

static void print_speed(const struct replay *replay, const struct figures *figures)
{
	const double *seconds = figures->seconds, *speed = figures->events_per_second;
	char a[TEXT_BYTES], b[TEXT_BYTES];

	printf("%s", bold());
	row(replay, "", allocator_name[ALLOCATOR_UKMEM], allocator_name[ALLOCATOR_MALLOC]);
	printf("%s", plain());
	row(replay, replay->options->rounds == 1 ? "time" : "time, median",
	    format_seconds(a, seconds[ALLOCATOR_UKMEM]),
	    format_seconds(b, seconds[ALLOCATOR_MALLOC]));
	row(replay, "events per second", format_speed(a, speed[ALLOCATOR_UKMEM]),
	    format_speed(b, speed[ALLOCATOR_MALLOC]));
	row(replay, "allocations from the array", format_rate(a, figures->alloc_hit_rate), "-");
	row(replay, "frees into the array", format_rate(a, figures->free_hit_rate), "-");
}

static void print_memory(const struct replay *replay)
{
	const struct side *ours = &replay->side[ALLOCATOR_UKMEM];
	const struct side *theirs = &replay->side[ALLOCATOR_MALLOC];

	bytes_row(replay, "memory, peak", ours->peak_bytes, theirs->peak_bytes);
	bytes_row(replay, "memory at the end", ours->live_bytes, theirs->live_bytes);
	bytes_row(replay, "memory after all is freed", ours->left_bytes, theirs->left_bytes);
}

static void print_ratio(const struct figures *figures)
{
	printf("%stime, ukmem / malloc%s  %20.2f   (%.2f to %.2f by round)\n", bold(), plain(),
	       figures->ratio, figures->ratio_min, figures->ratio_max);
}

void table_print(const struct replay *replay, bool is_first)
{
	struct figures figures;

	figures_make(&figures, replay);
	if (!is_first)
		putchar('\n');
	print_played(replay);
	printf("\n%s\n", replay->slabinfo != NULL ? replay->slabinfo : "-\n");
	print_speed(replay, &figures);
	print_memory(replay);
	print_live(replay->trace);
	if (replay->options->vs_malloc)
		print_ratio(&figures);
}

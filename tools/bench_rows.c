/*
 * bench_rows.c: what there is to run, as the workers tell it, and how long.
 */
#include <stdlib.h>
#include <string.h>

#include "bench.h"
#include "say.h"

static bool is_wanted(const char *only, const char *name)
{
	size_t length = strlen(name);
	const char *at = only;

	if (only == NULL)
		return true;
	while ((at = strstr(at, name)) != NULL) {
		if ((at == only || at[-1] == ',') && (at[length] == ',' || at[length] == '\0'))
			return true;
		at += length;
	}
	return false;
}

/*
 * Hot workloads: 21 process starts, because where things happen to lie decides; they are
 * over soon. Instructions are counted once. What an idle program holds varies little.
 */
static void set_rounds(struct row *row, const struct bench_options *options)
{
	row->rounds = options->rounds;
	row->seconds = options->seconds;
	if (row_has(row, 'h')) {
		row->rounds = 3 * options->rounds;
		row->seconds = options->seconds * 0.4;
	} else if (row_has(row, 'c')) {
		row->seconds = options->seconds * 2;
	} else if (row_has(row, 'i')) {
		row->rounds = options->rounds < 3 ? options->rounds : 3;
	} else if (row_has(row, 'x')) {
		row->rounds = 1;
	}
}

static struct row *add_row(struct bench *bench, const struct row *like)
{
	struct row *row = &bench->rows[bench->rows_count++];

	if (bench->rows_count > ROWS_MAX)
		abort();
	*row = *like;
	set_rounds(row, &bench->options);
	return row;
}

static void add_size(struct bench *bench, const struct row *like, unsigned size)
{
	struct row *row = add_row(bench, like);

	row->size = size;
	snprintf(row->label, sizeof(row->label), "%u", size);
}

static void add_sizes(struct bench *bench, const struct row *like)
{
	static const unsigned sizes[] = { 16, 64, 256, 1024, 4096 };

	for (unsigned i = 0; i < sizeof(sizes) / sizeof(*sizes); i++)
		if (sizes[i] == 64 || (row_has(like, 's') && !bench->options.quick))
			add_size(bench, like, sizes[i]);
}

static void add_rows(struct bench *bench, const struct row *like)
{
	if (!row_has(like, 'M'))
		add_sizes(bench, like);
	if (row_has(like, 'm') || row_has(like, 'M'))
		strcpy(add_row(bench, like)->label, "mixed");
}

/* The file's name up to its first point. */
static void add_trace(struct bench *bench, const char *path)
{
	const char *slash = strrchr(path, '/'), *name = slash != NULL ? slash + 1 : path;
	struct row *row = add_row(bench, &(struct row){ .workload = "replay", .kind = "t" });

	row->trace = path;
	snprintf(row->what, sizeof(row->what), "the kernel trace %.60s", name);
	snprintf(row->label, sizeof(row->label), "%.*s", (int)strcspn(name, "."), name);
}

static void add_traces(struct bench *bench)
{
	if (bench->options.list)
		printf("%-12s %s\n", "replay", "each kernel trace given by --trace");
	else if (is_wanted(bench->options.only, "replay"))
		for (unsigned i = 0; i < bench->options.traces_count; i++)
			add_trace(bench, bench->options.traces[i]);
}

static void add_line(struct bench *bench, const char *line)
{
	struct row row = { 0 };

	if (sscanf(line, "%23[^\t]\t%7[^\t]\t%95[^\n]", row.workload, row.kind, row.what) != 3)
		return;
	if (bench->options.list)
		printf("%-12s %s\n", row.workload, row.what);
	else if (is_wanted(bench->options.only, row.workload))
		add_rows(bench, &row);
}

bool bench_list_rows(struct bench *bench)
{
	char path[600], text[4096], *line, *rest = text;
	char *arguments[] = { path, "--list", NULL };

	if (!worker_path("ukmem", path, sizeof(path)) ||
	    worker_capture(path, arguments, text, sizeof(text)) != 0) {
		say("bench: its workers are neither beside this command nor in ../lib/ukmem; "
		    "make workers builds, make install installs them");
		return false;
	}
	while ((line = strsep(&rest, "\n")) != NULL && *line != '\0')
		add_line(bench, line);
	add_traces(bench);
	return true;
}

static bool is_row(const struct bench *bench, const char *name)
{
	for (unsigned row = 0; row < bench->rows_count; row++)
		if (row_is(&bench->rows[row], name))
			return true;
	return false;
}

bool bench_has_all_wanted(const struct bench *bench)
{
	const char *rest = bench->options.only;
	char name[64];

	while (rest != NULL) {
		size_t length = strcspn(rest, ",");

		snprintf(name, sizeof(name), "%.*s", (int)length, rest);
		rest = rest[length] == ',' ? rest + length + 1 : NULL;
		if (is_row(bench, name))
			continue;
		if (strcmp(name, "replay") == 0)
			say("bench: replay of what? --trace tells");
		else
			say("bench: no workload is called \"%s\"; ukmem bench --list tells them",
			    name);
		return false;
	}
	return true;
}

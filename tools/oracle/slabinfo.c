/*
 * slabinfo.c: /proc/slabinfo of a booted kernel, line by line.
 *
 * A line does not say what its cache was made with; the caches table of the same
 * machine beside it does, or else that of another machine: the kernel asks for its
 * caches everywhere alike, but for the cache of caches, which grows with the machine.
 * Then the library's own slabinfo must have that line, except for what is in use.
 */
#include <stdlib.h>
#include <string.h>

#include "cache/cache.h"
#include "formats.h"
#include "input.h"
#include "revive.h"

enum { WORDS = 16, WORD_SIZE = 3, WORD_TUNABLES = 6, WORD_SLABDATA = 13 };

/* The line without what is in use: name, sizes, tunables, in single blanks. */
static void print_static(struct text *out, const char *line)
{
	char *copy = strdup(line), *at = copy, *word;
	unsigned count = 0;

	text_clear(out);
	for (; (word = strsep(&at, " \t")) != NULL;) {
		if (*word == '\0')
			continue;
		if (count == 0 || (count >= WORD_SIZE && count < WORD_SLABDATA))
			text_add(out, "%s ", word);
		count++;
	}
	if (count != WORDS)
		text_add(out, "(%u words)", count);
	free(copy);
}

/* The library's line of this name; the newest cache's, if there are several. */
static void own_line(struct text *out, const char *name)
{
	size_t length = slabinfo_read(NULL, 0) + 1, name_length = strlen(name);
	char *table = must_allocate(NULL, length), *next = table, *line;

	slabinfo_read(table, length);
	text_clear(out);
	while ((line = line_cut(&next)) != NULL)
		if (strncmp(line, name, name_length) == 0 && line[name_length] == ' ')
			break;
	if (line != NULL)
		print_static(out, line);
	free(table);
}

/* The two lines above the caches are the same everywhere. */
static void compare_heading(const char *line, unsigned number, const struct job *job,
			    struct result *result)
{
	char heading[1024], *next = heading, *ours = NULL;

	slabinfo_read(heading, sizeof(heading));
	for (unsigned i = 0; i < number; i++)
		ours = line_cut(&next);
	row_compare(result, job->kind, "heading", line, ours != NULL ? ours : "");
}

static bool begins(const char *text, const char *with)
{
	return strncmp(text, with, strlen(with)) == 0;
}

/*
 * "slabinfo-X.txt" -> "caches-X.csv", or that with .zst, among the files found; another
 * machine's if there is none.
 */
static const char *find_table(const struct job *job, bool *same_machine)
{
	const char *name = base_name(job->path), *other = NULL;
	struct text path = { 0 };

	name += begins(name, "slabinfo") ? strlen("slabinfo") : 0;
	text_add(&path, "%.*s.csv", (int)strcspn(name, "."), name);
	*same_machine = true;
	for (const char *const *table = job->tables; *table != NULL; table++) {
		const char *candidate = base_name(*table);

		if (!begins(candidate, "caches"))
			continue;
		if (begins(candidate + strlen("caches"), path.data))
			return *table;
		other = *table;
	}
	*same_machine = false;
	return other;
}

/* Go to the row of this name; false when there is none. */
static bool find_row(struct csv *csv, const struct columns *columns, const char *name)
{
	while (csv_next(csv) == CSV_ROW)
		if (strcmp(column_cell(columns, &csv->row, "name"), name) == 0)
			return true;
	return false;
}

static void compare_cache(const char *line, const char *table, bool same_machine,
			  const struct job *job, struct result *result)
{
	static struct columns columns;
	static struct text expected, got;
	char *copy = strdup(table), *name = strndup(line, strcspn(line, " "));
	struct csv csv;
	struct made made;

	csv_open(&csv, copy);
	if (csv_next(&csv) == CSV_ROW && caches_bind(&columns, &csv.row, true, result) &&
	    (same_machine || strcmp(name, "kmem_cache") != 0) && find_row(&csv, &columns, name)) {
		made = cache_revive(&columns, &csv.row);
		own_line(&got, name);
		print_static(&expected, line);
		cell_is_named(result, NAMED_SLABINFO_USE);
		row_compare(result, job->kind, "the line", expected.data, got.data);
		cache_forget(&made);
	} else {
		row_is_named(result, job->kind, NAMED_NO_NAME_HERE);
	}
	free(copy);
	free(name);
}

void slabinfo_compare(const struct job *job, char *text, struct result *result)
{
	bool same_machine;
	const char *path = find_table(job, &same_machine), *why = "";
	char *table = path != NULL ? input_read(path, &why) : strdup(""), *line;

	if (table == NULL) {
		result_problem(result, "%s: %s", path, why);
		return;
	}
	while ((line = line_cut(&text)) != NULL) {
		if (++result->line <= 2)
			compare_heading(line, result->line, job, result);
		else if (*line != '\0')
			compare_cache(line, table, same_machine, job, result);
	}
}

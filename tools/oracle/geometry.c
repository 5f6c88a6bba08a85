/*
 * geometry.c: for each size, alignment, flags and constructor, the cache that comes.
 */
#include <errno.h>
#include <stdlib.h>

#include "cache_columns.h"
#include "cache/cache.h"
#include "formats.h"

enum { COLUMNS_ROOM = 64 };

/* The table's own columns, then those of every cache. */
static unsigned all_columns(struct column *columns)
{
	static const struct column arguments[] = {
		{ .pattern = "req_size" },
		{ .pattern = "req_align" },
		{ .pattern = "req_flags" },
		{ .pattern = "ctor" },
	};
	unsigned count = 0;

	for (unsigned i = 0; i < ARRAY_LENGTH(arguments); i++)
		columns[count++] = arguments[i];
	for (unsigned i = 0; i < cache_columns_count; i++)
		columns[count++] = cache_columns[i];
	return count;
}

static unsigned number_in(const struct columns *columns, const struct csv_row *row,
			  const char *name)
{
	return (unsigned)strtoul(column_cell(columns, row, name), NULL, 0);
}

static struct made make(const struct columns *columns, const struct csv_row *row)
{
	struct made made = { 0 };

	made.cache = kmem_cache_create("oracle", number_in(columns, row, "req_size"),
				       number_in(columns, row, "req_align"),
				       number_in(columns, row, "req_flags"),
				       number_in(columns, row, "ctor") ? count_ctor_call : NULL);
	made.error = made.cache == NULL ? -errno : 0;
	return made;
}

void geometry_compare(const struct job *job, char *text, struct result *result)
{
	static struct column table[COLUMNS_ROOM];
	static struct columns columns;
	struct csv csv;

	csv_open(&csv, text);
	csv_next(&csv);
	if (!columns_bind(&columns, &csv.row, table, all_columns(table), result))
		return;
	while (csv_next(&csv) == CSV_ROW) {
		struct made made;

		result->line = csv.line;
		if (!row_is_whole(&columns, &csv.row, result))
			return;
		made = make(&columns, &csv.row);
		columns_compare(&columns, &csv.row, &made, result, job->kind);
		kmem_cache_destroy(made.cache);
	}
}

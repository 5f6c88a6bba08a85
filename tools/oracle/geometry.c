/*
 * geometry.c: for each size, alignment, flags and constructor, the cache that comes.
 */
#include <errno.h>
#include <stdlib.h>
#include <string.h>

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

/* What was refused there must be refused here; such a row has nothing behind its err. */
static void compare_row(const struct columns *columns, const struct csv_row *row,
			struct result *result, enum kind kind)
{
	static struct mismatch mismatch;
	bool refused = strcmp(column_cell(columns, row, "err"), "0") != 0;
	unsigned cells = refused ? (unsigned)column_find(columns, "err") + 1 : columns->count;
	struct made made = make(columns, row);

	if (columns_match(columns, row, cells, &made, result, &mismatch))
		row_is_equal(result, kind);
	else
		row_differs(result, kind, &mismatch);
	kmem_cache_destroy(made.cache);
}

static bool is_whole(const struct columns *columns, const struct csv_row *row,
		     struct result *result)
{
	int err = column_find(columns, "err");

	if (err >= 0 && (unsigned)err < row->count && strcmp(row->cell[err], "0") != 0)
		return true;
	return row_is_whole(columns, row, result);
}

void geometry_compare(const struct job *job, char *text, struct result *result)
{
	static struct column table[COLUMNS_ROOM];

	table_compare(text, job->kind, table, all_columns(table), is_whole, compare_row, result);
}

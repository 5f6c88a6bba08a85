/*
 * columns.c: see columns.h.
 */
#include "columns.h"

#include <stdlib.h>
#include <string.h>

/* Does @name fit @pattern? The number at '#', if any, goes to *@number. */
static bool fits(const char *pattern, const char *name, unsigned *number)
{
	const char *mark = strchr(pattern, '#');
	size_t before = mark != NULL ? (size_t)(mark - pattern) : strlen(pattern);
	char *end;

	*number = 0;
	if (mark == NULL)
		return strcmp(pattern, name) == 0;
	if (strncmp(pattern, name, before) != 0 || name[before] < '0' || name[before] > '9')
		return false;
	*number = (unsigned)strtoul(name + before, &end, 10);
	return strcmp(mark + 1, end) == 0;
}

static bool seen_before(const struct csv_row *header, unsigned at)
{
	for (unsigned i = 0; i < at; i++)
		if (strcmp(header->cell[i], header->cell[at]) == 0)
			return true;
	return false;
}

/* The name as the table has it: with a ' where it comes a second time. */
static const char *table_name(const struct csv_row *header, unsigned at)
{
	struct text name = { 0 };

	text_word(&name, header->cell[at]);
	if (seen_before(header, at))
		text_word(&name, "'");
	return name.data;       /* kept for as long as the process lives */
}

static bool bind_one(struct columns *columns, const char *name, const struct column *table,
		     unsigned table_length)
{
	for (unsigned i = 0; i < table_length; i++) {
		unsigned number;

		if (!fits(table[i].pattern, name, &number))
			continue;
		columns->bound[columns->count].column = &table[i];
		columns->bound[columns->count].number = number;
		columns->bound[columns->count++].name = name;
		return true;
	}
	return false;
}

bool columns_bind(struct columns *columns, const struct csv_row *header,
		  const struct column *table, unsigned table_length, struct result *result)
{
	columns->count = 0;
	for (unsigned i = 0; i < header->count; i++) {
		if (bind_one(columns, table_name(header, i), table, table_length))
			continue;
		result_problem(result, "unknown column \"%s\"", header->cell[i]);
		return false;
	}
	return true;
}

int column_find(const struct columns *columns, const char *name)
{
	for (unsigned i = 0; i < columns->count; i++)
		if (strcmp(columns->bound[i].name, name) == 0)
			return (int)i;
	return -1;
}

const char *column_cell(const struct columns *columns, const struct csv_row *row,
			const char *name)
{
	int at = column_find(columns, name);

	return at >= 0 && (unsigned)at < row->count ? row->cell[at] : "";
}

/* Only the bits that count; *@others: there are more. */
static bool bits_agree(const struct column *column, const char *expected, const char *got,
		       bool *others)
{
	uint32_t there = (uint32_t)strtoul(expected, NULL, 0);
	uint32_t here = (uint32_t)strtoul(got, NULL, 0);

	*others = ((there | here) & ~column->bits) != 0;
	return *expected != '\0' && ((there ^ here) & column->bits) == 0;
}

/* *@named: there is something about it that is not compared. */
static bool cell_agrees(const struct column *column, const char *expected, const char *got,
			bool *named)
{
	if (column->bits != 0)
		return bits_agree(column, expected, got, named);
	return strcmp(expected, got) == 0;
}

bool columns_match(const struct columns *columns, const struct csv_row *row, unsigned count,
		   const void *subject, struct result *result, struct mismatch *mismatch)
{
	static struct text got;
	static bool named[CELLS_MAX];

	for (unsigned i = 0; i < count; i++) {
		const struct column *column = columns->bound[i].column;

		named[i] = column->print == NULL;
		if (named[i])
			continue;
		text_clear(&got);
		column->print(&got, subject, columns->bound[i].number);
		if (cell_agrees(column, row->cell[i], got.data, &named[i]))
			continue;
		mismatch_set(mismatch, columns->bound[i].name, row->cell[i], got.data);
		return false;
	}
	for (unsigned i = 0; i < count; i++)
		if (named[i])
			cell_is_named(result, columns->bound[i].column->named);
	return true;
}

void columns_compare(const struct columns *columns, const struct csv_row *row,
		     const void *subject, struct result *result, enum kind kind)
{
	static struct mismatch mismatch;

	if (columns_match(columns, row, columns->count, subject, result, &mismatch))
		row_is_equal(result, kind);
	else
		row_differs(result, kind, &mismatch);
}

bool row_is_whole(const struct columns *columns, const struct csv_row *row,
		  struct result *result)
{
	if (row->count == columns->count)
		return true;
	result_problem(result, "line %u has %u cells, the header has %u", result->line,
		       row->count, columns->count);
	return false;
}

void table_compare(char *text, enum kind kind, const struct column *table,
		   unsigned table_length, row_checker *is_whole, row_comparer *compare,
		   struct result *result)
{
	static struct columns columns;
	struct csv csv;

	csv_open(&csv, text);
	csv_next(&csv);
	if (!columns_bind(&columns, &csv.row, table, table_length, result))
		return;
	while (csv_next(&csv) == CSV_ROW) {
		result->line = csv.line;
		if (!is_whole(&columns, &csv.row, result))
			return;
		compare(&columns, &csv.row, result, kind);
	}
}

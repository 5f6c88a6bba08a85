/*
 * columns.h: a table's columns, each with the function that prints what it is here.
 *
 * A header is matched once against the patterns; a row is then compared cell by cell
 * with what the functions print about its subject.
 */
#ifndef ORACLE_COLUMNS_H
#define ORACLE_COLUMNS_H

#include <stdint.h>

#include "csv.h"
#include "result.h"

typedef void column_printer(struct text *out, const void *subject, unsigned number);

struct column {
	const char *pattern;    /* one '#' in it stands for a number: a CPU, a node */
	column_printer *print;  /* NULL: not compared, */
	enum named named;       /* for this reason */
	uint32_t bits;          /* not 0: a number, of which only these are compared; */
				/* where others are set, the cell is named */
};

struct columns {
	struct {
		const struct column *column;
		unsigned number;
		const char *name;
	} bound[CELLS_MAX];
	unsigned count;
};

/*
 * Match @header with @table. A name that comes a second time is looked for with a '
 * behind it. False when a name is unknown: result_problem() says which.
 */
bool columns_bind(struct columns *columns, const struct csv_row *header,
		  const struct column *table, unsigned table_length, struct result *result);

/* Which column has this name, or -1. */
int column_find(const struct columns *columns, const char *name);

/* The cell of a column, "" when there is none. */
const char *column_cell(const struct columns *columns, const struct csv_row *row,
			const char *name);

/*
 * Compare the first @count cells; false with the first mismatch. Counts the named cells of a
 * row that matches.
 */
bool columns_match(const struct columns *columns, const struct csv_row *row, unsigned count,
		   const void *subject, struct result *result, struct mismatch *mismatch);

/* The same, and count the row as equal or different. A row has all its cells. */
void columns_compare(const struct columns *columns, const struct csv_row *row,
		     const void *subject, struct result *result, enum kind kind);

/* False, and a problem, when a row has not as many cells as the header. */
bool row_is_whole(const struct columns *columns, const struct csv_row *row,
		  struct result *result);

/* What a kind of table does with a row; is_whole is row_is_whole or a laxer one. */
typedef bool row_checker(const struct columns *columns, const struct csv_row *row,
			 struct result *result);
typedef void row_comparer(const struct columns *columns, const struct csv_row *row,
			  struct result *result, enum kind kind);

/* A whole table: bind its header, then compare row by row. */
void table_compare(char *text, enum kind kind, const struct column *table,
		   unsigned table_length, row_checker *is_whole, row_comparer *compare,
		   struct result *result);

#endif

/*
 * grid.h: a table that is filled cell by cell and then printed, aligned, in blanks or
 * as markdown. The first row is the head.
 */
#ifndef TOOLS_GRID_H
#define TOOLS_GRID_H

#include <stdbool.h>
#include <stdio.h>

enum { GRID_COLUMNS_MAX = 16, GRID_ROWS_MAX = 160, GRID_CELL_BYTES = 96 };

struct grid {
	unsigned rows, columns;         /* complete rows; cells of the row under way */
	unsigned width;                 /* columns of the widest row */
	char cell[GRID_ROWS_MAX][GRID_COLUMNS_MAX][GRID_CELL_BYTES];
};

/* One at a time: it is large, and there is only one. */
struct grid *grid_begin(void);
void grid_text(struct grid *grid, const char *format, ...) __attribute__((format(printf, 2, 3)));

/* Cells of text, a row of heads; the row goes on. */
void grid_heads(struct grid *grid, const char *const *heads, unsigned count);

/* "-" for NAN. */
void grid_number(struct grid *grid, double value, int digits);
void grid_end_row(struct grid *grid);
void grid_print(const struct grid *grid, bool markdown, FILE *to);

#endif

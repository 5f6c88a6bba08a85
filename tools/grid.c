/*
 * grid.c: columns as wide as their widest cell; the first is text, the others numbers.
 */
#include "grid.h"

#include <math.h>
#include <stdarg.h>
#include <string.h>

struct grid *grid_begin(void)
{
	static struct grid grid;

	memset(&grid, 0, sizeof(grid));
	return &grid;
}

void grid_text(struct grid *grid, const char *format, ...)
{
	va_list arguments;

	if (grid->rows == GRID_ROWS_MAX || grid->columns == GRID_COLUMNS_MAX)
		return;
	va_start(arguments, format);
	vsnprintf(grid->cell[grid->rows][grid->columns++], GRID_CELL_BYTES, format, arguments);
	va_end(arguments);
}

void grid_heads(struct grid *grid, const char *const *heads, unsigned count)
{
	for (unsigned i = 0; i < count; i++)
		grid_text(grid, "%s", heads[i]);
}

void grid_number(struct grid *grid, double value, int digits)
{
	if (isnan(value))
		grid_text(grid, "-");
	else
		grid_text(grid, "%.*f", digits, value);
}

void grid_end_row(struct grid *grid)
{
	if (grid->columns > grid->width)
		grid->width = grid->columns;
	grid->columns = 0;
	if (grid->rows < GRID_ROWS_MAX)
		grid->rows++;
}

static int width_of(const struct grid *grid, unsigned column)
{
	size_t width = 3;               /* of markdown's rule */

	for (unsigned row = 0; row < grid->rows; row++) {
		size_t length = strlen(grid->cell[row][column]);

		width = length > width ? length : width;
	}
	return (int)width;
}

static void print_rule(const struct grid *grid, FILE *to)
{
	for (unsigned column = 0; column < grid->width; column++) {
		fprintf(to, column == 0 ? "|-" : "-|-");
		for (int i = width_of(grid, column); i > 0; i--)
			fputc('-', to);
	}
	fprintf(to, "-|\n");
}

static void print_row(const struct grid *grid, unsigned row, bool markdown, FILE *to)
{
	for (unsigned column = 0; column < grid->width; column++) {
		int width = width_of(grid, column);

		if (markdown)
			fprintf(to, column == 0 ? "| " : " | ");
		else if (column > 0)
			fprintf(to, "  ");
		fprintf(to, "%*s", column == 0 ? -width : width, grid->cell[row][column]);
	}
	fprintf(to, markdown ? " |\n" : "\n");
}

void grid_print(const struct grid *grid, bool markdown, FILE *to)
{
	for (unsigned row = 0; row < grid->rows; row++) {
		print_row(grid, row, markdown, to);
		if (row == 0 && markdown)
			print_rule(grid, to);
	}
}

/*
 * csv.c: see csv.h.
 */
#include "csv.h"

#include <stddef.h>
#include <string.h>

void csv_open(struct csv *csv, char *text)
{
	csv->next = text;
	csv->line = 0;
}

char *line_cut(char **next)
{
	char *line = *next, *end;

	if (*line == '\0')
		return NULL;
	end = strchr(line, '\n');
	if (end == NULL) {
		*next = line + strlen(line);
		return line;
	}
	*end = '\0';
	*next = end + 1;
	if (end > line && end[-1] == '\r')
		end[-1] = '\0';
	return line;
}

unsigned split(char *line, char separator, char **pieces, unsigned max)
{
	unsigned count = 0;

	while (line != NULL && count < max) {
		char *end = strchr(line, separator);

		if (end != NULL)
			*end++ = '\0';
		pieces[count++] = line;
		line = end;
	}
	return count;
}

enum csv_line csv_next(struct csv *csv)
{
	char *line;

	do {
		line = line_cut(&csv->next);
		if (line == NULL)
			return CSV_END;
		csv->line++;
	} while (*line == '\0');
	if (*line == '#') {
		csv->note = line;
		return CSV_NOTE;
	}
	csv->row.count = split(line, ',', csv->row.cell, CELLS_MAX);
	return CSV_ROW;
}

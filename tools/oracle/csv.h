/*
 * csv.h: lines of a table: a header, rows, and notes that begin with '#'.
 *
 * No quoting: none of the tables needs it. Lines are cut in place, so cells live as
 * long as the text does.
 */
#ifndef ORACLE_CSV_H
#define ORACLE_CSV_H

enum { CELLS_MAX = 512 };

enum csv_line { CSV_END, CSV_NOTE, CSV_ROW };

struct csv_row {
	char *cell[CELLS_MAX];
	unsigned count;
};

struct csv {
	char *next;             /* the rest of the text */
	unsigned line;          /* number of the line that was read last */
	char *note;             /* CSV_NOTE: the line */
	struct csv_row row;     /* CSV_ROW: its cells */
};

void csv_open(struct csv *csv, char *text);

/* The next line that is not empty. */
enum csv_line csv_next(struct csv *csv);

/* The next line as it stands, NULL at the end. Moves *@next behind it. */
char *line_cut(char **next);

/* Cut @line at each @separator into at most @max pieces. Returns how many. */
unsigned split(char *line, char separator, char **pieces, unsigned max);

#endif

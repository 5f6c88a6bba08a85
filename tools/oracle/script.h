/*
 * script.h: a script as the list of rows that it makes.
 */
#ifndef ORACLE_SCRIPT_H
#define ORACLE_SCRIPT_H

#include "op.h"

struct ops {
	struct op *op;
	unsigned count, room;
};

void ops_add(struct ops *ops, const struct op *op);
void ops_free(struct ops *ops);

/*
 * Expand the script at *@text up to its end or the next "begin"; the table's name is
 * copied to @table. Lines behind destroy make no rows. Returns 0, or the number of a
 * line, counted from *@line on, that is not understood; -1 at the end of the text.
 */
int script_expand(char **text, unsigned *line, char *table, unsigned table_room,
		  struct ops *ops);

#endif

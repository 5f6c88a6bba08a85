/*
 * script.c: see script.h.
 *
 * A line stands for several rows: "alloc 3" for three, "free 0 9 2" for those of the
 * ids 0, 2, 4, 6, 8 that are still out. Ids count the objects taken, over the script.
 */
#include "script.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "csv.h"

void ops_add(struct ops *ops, const struct op *op)
{
	if (ops->count == ops->room) {
		ops->room = ops->room * 2 + 256;
		ops->op = must_allocate(ops->op, ops->room * sizeof(*ops->op));
	}
	ops->op[ops->count++] = *op;
}

void ops_free(struct ops *ops)
{
	free(ops->op);
	*ops = (struct ops){ 0 };
}

/* Which objects are out. */
struct ids {
	bool *out;
	long count, room;
};

static void ids_take(struct ids *ids, long count)
{
	if (ids->count + count > ids->room) {
		ids->room = (ids->count + count) * 2;
		ids->out = must_allocate(ids->out, (size_t)ids->room * sizeof(*ids->out));
	}
	for (long i = 0; i < count; i++)
		ids->out[ids->count++] = true;
}

static bool ids_give(struct ids *ids, long id)
{
	bool was_out = id >= 0 && id < ids->count && ids->out[id];

	if (was_out)
		ids->out[id] = false;
	return was_out;
}

/* @count rows of one object each. */
static void expand_takes(struct ops *ops, struct ids *ids, const struct op *row, long count)
{
	for (long i = 0; i < count; i++)
		ops_add(ops, row);
	ids_take(ids, count > 0 ? count : 0);
}

static bool expand_frees(struct ops *ops, struct ids *ids, const struct op *line)
{
	long first = line->number[0];
	long last = line->count > 1 ? line->number[1] : first;
	long step = line->count > 2 ? line->number[2] : first <= last ? 1 : -1;

	if (step == 0)
		return false;
	for (long id = first; step > 0 ? id <= last : id >= last; id += step)
		if (ids_give(ids, id))
			ops_add(ops, &(struct op){ .kind = OP_FREE, .number = { id }, .count = 1 });
	return true;
}

static bool expand(struct ops *ops, struct ids *ids, const struct op *line)
{
	struct op row = *line;

	switch (line->kind) {
	case OP_ALLOC:
		row = (struct op){ .kind = OP_ALLOC };
		expand_takes(ops, ids, &row, line->count > 0 ? line->number[0] : 1);
		return true;
	case OP_ALLOCNODE:
		row = (struct op){ .kind = OP_ALLOCNODE, .count = 1,
				   .number = { line->number[line->count - 1] } };
		expand_takes(ops, ids, &row, line->count > 1 ? line->number[0] : 1);
		return true;
	case OP_FREE:
		return expand_frees(ops, ids, line);
	case OP_ALLOCBULK:
		ids_take(ids, line->number[0] > 0 ? line->number[0] : 0);
		break;
	case OP_FREEBULK:
		for (long i = 0; i < line->number[1]; i++)
			ids_give(ids, line->number[0] + i);
		break;
	default:
		break;
	}
	ops_add(ops, &row);
	return true;
}

/* "word arguments"; the line is cut in two. */
static bool parse_line(struct op *op, char *line)
{
	char *blank = strchr(line, ' ');

	if (blank != NULL)
		*blank = '\0';
	return op_parse(op, line, blank != NULL ? blank + 1 : "");
}

static bool is_empty(const char *line)
{
	return line[strspn(line, " \t")] == '\0' || *line == '#';
}

int script_expand(char **text, unsigned *line_number, char *table, unsigned table_room,
		  struct ops *ops)
{
	struct ids ids = { 0 };
	bool begun = false, over = false;
	int stranger = 0;

	while (**text != '\0' && stranger == 0) {
		struct op op;
		char *line;

		if (begun && strncmp(*text, "begin ", 6) == 0)
			break;
		line = line_cut(text);
		++*line_number;
		if (is_empty(line))
			continue;
		if (!begun && strncmp(line, "begin ", 6) == 0) {
			snprintf(table, table_room, "%s", line + 6);
			begun = true;
		} else if (!begun || !parse_line(&op, line) ||
			   (!over && !expand(ops, &ids, &op))) {
			stranger = (int)*line_number;
		} else {
			over |= op.kind == OP_DESTROY;
		}
	}
	free(ids.out);
	return begun || stranger != 0 ? stranger : -1;
}

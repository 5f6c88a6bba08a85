/*
 * replay.c: perform a recorded table's operations, one by one, and compare the state
 * after each with the row's.
 */
#include <stdlib.h>
#include <string.h>

#include "cache/cache.h"
#include "formats.h"
#include "input.h"
#include "notes.h"
#include "partial_order.h"
#include "state_columns.h"
#include "world.h"

struct replay {
	const struct job *job;
	struct result *result;
	struct columns columns;
	struct world world;
	struct notes notes;
	bool natural;           /* the kernel's own reaper was at work */
	bool time_showed;       /* and from here on one sees it */
};

/*
 * The node whose alien cache is next belongs to that kernel's CPU, not to the cache:
 * it was there before the script. The row says which one this reap left as the next.
 */
static void take_alien_home(struct replay *replay, const struct csv_row *row)
{
	long next = strtol(column_cell(&replay->columns, row, "result"), NULL, 10);

	if (next >= 0 && next < (long)topology.nodes)
		replay->world.alien_home = ((unsigned)next + topology.nodes - 1) % topology.nodes;
	cell_is_named(replay->result, NAMED_REAP_RESULT);
}

/* A cache that is gone has no state: such a row ends behind its events. */
static unsigned cells_to_compare(const struct replay *replay, const struct csv_row *row,
				 const struct op *op)
{
	return op->kind == OP_DESTROY && row->count < replay->columns.count ?
	       row->count : replay->columns.count;
}

static bool is_whole(struct replay *replay, const struct csv_row *row, const struct op *op)
{
	int events = column_find(&replay->columns, "events");

	if (op->kind == OP_DESTROY && (int)row->count > events)
		return true;
	return row_is_whole(&replay->columns, row, replay->result);
}

static void row_failed(struct replay *replay, const struct mismatch *mismatch)
{
	if (replay->natural) {
		replay->time_showed = true;
		row_is_named(replay->result, replay->job->kind, NAMED_NATURAL);
	} else {
		row_differs(replay->result, replay->job->kind, mismatch);
	}
}

/* @chance: the order of partial lists may be another, and is then taken over. */
static void compare_row(struct replay *replay, const struct csv_row *row,
			const struct op *op, bool chance)
{
	static struct mismatch mismatch;
	unsigned cells = cells_to_compare(replay, row, op);

	if (columns_match(&replay->columns, row, cells, &replay->world, replay->result,
			  &mismatch))
		row_is_equal(replay->result, replay->job->kind);
	else if (chance && partial_order_adopt(replay->world.cache, &replay->columns, row) &&
		 columns_match(&replay->columns, row, cells, &replay->world, replay->result,
			       &mismatch))
		row_is_named(replay->result, replay->job->kind, NAMED_PARTIAL_ORDER);
	else
		row_failed(replay, &mismatch);
}

static void perform_row(struct replay *replay, const struct csv_row *row, const struct op *op)
{
	static struct mismatch mismatch;
	struct world *world = &replay->world;
	bool chance = op->kind == OP_SHRINK && world->cache != NULL &&
		      arrays_in_use(world->cache) > 1;

	op_print_arguments(&world->arguments, op);
	if (op->kind == OP_REAP)
		take_alien_home(replay, row);
	if (!world_perform(world, op)) {
		mismatch_set(&mismatch, "op", column_cell(&replay->columns, row, "op"),
			     "an operation that can't be performed");
		row_failed(replay, &mismatch);
	} else {
		compare_row(replay, row, op, chance);
	}
	if (op->kind == OP_CREATE && world->cache != NULL)
		notes_compare_geometry(&replay->notes, world, replay->result);
	world->step++;
}

/* False when the file is no use from here on. */
static bool take_row(struct replay *replay, const struct csv_row *row)
{
	const char *word = column_cell(&replay->columns, row, "op");
	struct op op;

	if (replay->time_showed) {
		row_is_named(replay->result, replay->job->kind, NAMED_NATURAL);
		return true;
	}
	if (!op_parse(&op, word, column_cell(&replay->columns, row, "args"))) {
		if (!replay->natural)
			result_problem(replay->result, "line %u: unknown operation \"%s %s\"",
				       replay->result->line, word,
				       column_cell(&replay->columns, row, "args"));
		replay->time_showed = replay->natural;
		return replay->natural;
	}
	if (!is_whole(replay, row, &op))
		return false;
	perform_row(replay, row, &op);
	return true;
}

static void take_note(struct replay *replay, char *note)
{
	if (!replay->time_showed)
		notes_take(&replay->notes, &replay->world, note, replay->result);
}

/* Notes may stand above the header. */
static bool read_header(struct replay *replay, struct csv *csv)
{
	enum csv_line line;

	while ((line = csv_next(csv)) == CSV_NOTE)
		take_note(replay, csv->note);
	if (line == CSV_END)
		return false;
	return columns_bind(&replay->columns, &csv->row, state_columns, state_columns_count,
			    replay->result);
}

static void read_body(struct replay *replay, struct csv *csv)
{
	enum csv_line line;

	while ((line = csv_next(csv)) != CSV_END) {
		replay->result->line = csv->line;
		if (line == CSV_NOTE) {
			take_note(replay, csv->note);
			continue;
		}
		notes_end_dump(&replay->notes, replay->result);
		if (!take_row(replay, &csv->row))
			return;
	}
	notes_end_dump(&replay->notes, replay->result);
}

void replay_compare(const struct job *job, char *text, struct result *result)
{
	static struct replay replay;
	struct csv csv;

	replay.job = job;
	replay.result = result;
	replay.natural = strstr(base_name(job->path), "natural") != NULL;
	world_init(&replay.world);
	csv_open(&csv, text);
	if (read_header(&replay, &csv))
		read_body(&replay, &csv);
	if (replay.notes.strangers != 0)
		result_remark(result, "%u notes were not understood", replay.notes.strangers);
	world_end(&replay.world);
}

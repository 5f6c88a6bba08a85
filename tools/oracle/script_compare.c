/*
 * script_compare.c: a script against the tables it wrote; or, where there is none, a
 * run of it, in which every invariant must hold and every object and slab come back.
 */
#include <stdlib.h>
#include <string.h>

#include "cache/cache.h"
#include "columns.h"
#include "dump.h"
#include "formats.h"
#include "input.h"
#include "script.h"
#include "slab/slab.h"
#include "state_columns.h"
#include "world.h"

/* ---- The operations of a table --------------------------------------------------------- */

/* A dump has no row; its first line tells of it. */
static void add_dump(struct ops *ops, const char *note)
{
	if (strncmp(note, DUMP_BEGINS, strlen(DUMP_BEGINS)) == 0)
		ops_add(ops, &(struct op){ .kind = OP_DUMP });
}

static bool add_row(struct ops *ops, const struct csv_row *row)
{
	struct op op;

	if (row->count < 3 || !op_parse(&op, row->cell[1], row->cell[2]))
		return false;
	ops_add(ops, &op);
	return true;
}

/* False when the table can't be read; comparing that table itself says why. */
static bool read_table(struct ops *ops, const char *path)
{
	const char *why;
	char *text = input_read(path, &why);
	struct csv csv;
	enum csv_line line;
	bool good = text != NULL, header = true;

	if (text == NULL)
		return false;
	csv_open(&csv, text);
	while (good && (line = csv_next(&csv)) != CSV_END) {
		if (line == CSV_NOTE)
			add_dump(ops, csv.note);
		else if (!header)
			good = add_row(ops, &csv.row);
		else
			header = false;
	}
	free(text);
	return good;
}

/* ---- Comparing ----------------------------------------------------------------------------- */

static void compare_op(const struct op *script, const struct op *table, struct result *result)
{
	static struct text expected, got;

	text_clear(&expected);
	text_clear(&got);
	if (table != NULL)
		op_print(&expected, table);
	if (script != NULL)
		op_print(&got, script);
	row_compare(result, KIND_SCRIPTS, "the operation", expected.data, got.data);
}

static void compare_ops(const struct ops *script, const struct ops *table,
			struct result *result)
{
	unsigned count = script->count > table->count ? script->count : table->count;

	for (unsigned i = 0; i < count; i++) {
		const struct op *here = i < script->count ? &script->op[i] : NULL;
		const struct op *there = i < table->count ? &table->op[i] : NULL;

		result->line = i + 1;
		if (here != NULL && there != NULL && op_equal(here, there))
			row_is_equal(result, KIND_SCRIPTS);
		else
			compare_op(here, there, result);
	}
}

static bool is_table(const char *path, const char *name)
{
	const char *base = base_name(path);
	size_t length = strlen(name);

	return strncmp(base, name, length) == 0 &&
	       (base[length] == '\0' || strcmp(base + length, ".zst") == 0);
}

/* Returns how many tables of that name there were, on whatever machine. */
static unsigned compare_tables(const struct job *job, const char *name,
			       const struct ops *script, struct result *result)
{
	unsigned count = 0;

	for (const char *const *table = job->tables; *table != NULL; table++) {
		struct ops ops = { 0 };

		if (!is_table(*table, name))
			continue;
		count++;
		if (read_table(&ops, *table))
			compare_ops(script, &ops, result);
		else
			result_problem(result, "%s: no such table", *table);
		ops_free(&ops);
	}
	return count;
}

/* ---- Running --------------------------------------------------------------------------------- */

static bool balanced(const struct world *world, uint64_t grown, uint64_t released)
{
	return world->cache == NULL && world->held == 0 &&
	       counter_read(&slabs_grown) - grown == counter_read(&slabs_released) - released;
}

static void run(const struct ops *script, struct result *result)
{
	struct world world;
	uint64_t grown, released;

	reclaim();      /* all caches: off-slab lists leave slabs of kmalloc's behind */
	grown = counter_read(&slabs_grown);
	released = counter_read(&slabs_released);
	world_init(&world);
	for (unsigned i = 0; i < script->count; i++) {
		result->line = i + 1;
		if (world_perform(&world, &script->op[i]))
			row_is_equal(result, KIND_SCRIPTS);
		else
			compare_op(NULL, &script->op[i], result);
		world.step++;
	}
	reclaim();
	row_compare(result, KIND_SCRIPTS, "balance", "all came back",
		    balanced(&world, grown, released) ? "all came back" : "some are missing");
	world_end(&world);
}

void script_compare(const struct job *job, char *text, struct result *result)
{
	struct ops ops = { 0 };
	unsigned line = 0;
	char table[256];
	int stranger;

	while ((stranger = script_expand(&text, &line, table, sizeof(table), &ops)) == 0) {
		if (compare_tables(job, table, &ops, result) == 0)
			run(&ops, result);
		ops_free(&ops);
	}
	if (stranger > 0)
		result_problem(result, "line %d is no operation", stranger);
}

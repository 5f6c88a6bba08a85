/*
 * result.c: see result.h.
 */
#include "result.h"

#include <stdarg.h>
#include <stdio.h>
#include <string.h>

const char *const kind_names[KINDS] = {
	[KIND_GEOMETRY] = "geometry",
	[KIND_CACHES] = "caches",
	[KIND_MERGE] = "merge",
	[KIND_MERGE_SEQ] = "merge-seq",
	[KIND_KMALLOC] = "kmalloc",
	[KIND_ERR] = "err",
	[KIND_SLABINFO] = "slabinfo",
	[KIND_BEHAVIOUR] = "behaviour",
	[KIND_ALIEN] = "alien",
	[KIND_HOTPLUG] = "hotplug",
	[KIND_SLABINFO_WRITE] = "slabinfo-write",
	[KIND_GEOMETRY_LINES] = "#geometry",
	[KIND_DUMP_LINES] = "#dump",
	[KIND_BULK_LINES] = "#bulkobj",
	[KIND_EVENT_LINES] = "# cpu, # result",
	[KIND_SCRIPTS] = "scripts",
	[KIND_BENCH] = "bench-icount",
};

void mismatch_set(struct mismatch *mismatch, const char *column, const char *expected,
		  const char *got)
{
	mismatch->column = column;
	text_clear(&mismatch->expected);
	text_word(&mismatch->expected, expected);
	text_clear(&mismatch->got);
	text_word(&mismatch->got, got);
}

void row_is_equal(struct result *result, enum kind kind)
{
	result->tally[kind].equal++;
}

void row_is_named(struct result *result, enum kind kind, enum named named)
{
	result->tally[kind].named++;
	cell_is_named(result, named);
}

void cell_is_named(struct result *result, enum named named)
{
	if (named == NAMED_ARGUMENT)
		return;
	if (result->named[named].count++ == 0)
		result->named[named].first_line = result->line;
}

void row_differs(struct result *result, enum kind kind, const struct mismatch *mismatch)
{
	result->tally[kind].different++;
	if (result->difference[0] == '\0')
		snprintf(result->difference, sizeof(result->difference),
			 "line %u, column %s: expected \"%.400s\", got \"%.400s\"", result->line,
			 mismatch->column, text_of(&mismatch->expected), text_of(&mismatch->got));
}

bool row_compare(struct result *result, enum kind kind, const char *column,
		 const char *expected, const char *got)
{
	struct mismatch mismatch = { 0 };

	if (strcmp(expected, got) == 0) {
		row_is_equal(result, kind);
		return true;
	}
	mismatch_set(&mismatch, column, expected, got);
	row_differs(result, kind, &mismatch);
	text_free(&mismatch.expected);
	text_free(&mismatch.got);
	return false;
}

void result_problem(struct result *result, const char *format, ...)
{
	va_list arguments;

	va_start(arguments, format);
	vsnprintf(result->problem, sizeof(result->problem), format, arguments);
	va_end(arguments);
}

void result_remark(struct result *result, const char *format, ...)
{
	va_list arguments;

	va_start(arguments, format);
	vsnprintf(result->remark, sizeof(result->remark), format, arguments);
	va_end(arguments);
}

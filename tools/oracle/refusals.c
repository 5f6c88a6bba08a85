/*
 * refusals.c: creates that are odd or bad, and what became of them.
 *
 * The kernel lets much through that slab.md (3.1) refuses, and was built without two
 * of the flags. Those rows are named, each by the rule that decides it; all others
 * must agree, errno and all.
 */
#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/bits.h"
#include "cache/cache.h"
#include "cache_columns.h"
#include "formats.h"

enum { COLUMNS_ROOM = 64 };

/* "NULL" is how a name that is none is written. */
struct request {
	const char *name;
	unsigned long size;
	unsigned align;
	slab_flags_t flags;
	bool ctor;
};

static void print_result(struct text *out, const void *subject, unsigned number UNUSED)
{
	text_word(out, ((const struct made *)subject)->cache != NULL ? "created" : "NULL");
}

static void print_name(struct text *out, const void *subject, unsigned number UNUSED)
{
	const struct kmem_cache *cache = ((const struct made *)subject)->cache;

	text_word(out, cache != NULL ? cache->name : "");
}

/* Arguments first: a name that comes again (size', align', flags') is a result. */
static unsigned make_table(struct column *table)
{
	static const struct column front[] = {
		{ .pattern = "label" }, { .pattern = "size" }, { .pattern = "align" },
		{ .pattern = "flags" }, { .pattern = "ctor" }, { .pattern = "name" },
		{ .pattern = "bh_disabled" },
		{ .pattern = "result", .print = print_result },
		{ .pattern = "res_name", .print = print_name },
	};
	static const char *const again[] = { "size", "align", "flags" };
	static char pattern[3][16];
	unsigned count = 0;

	for (unsigned i = 0; i < ARRAY_LENGTH(front); i++)
		table[count++] = front[i];
	for (unsigned i = 0; i < cache_columns_count; i++) {
		table[count] = cache_columns[i];
		for (unsigned j = 0; j < ARRAY_LENGTH(again); j++) {
			if (strcmp(cache_columns[i].pattern, again[j]) != 0)
				continue;
			snprintf(pattern[j], sizeof(pattern[j]), "%s'", again[j]);
			table[count].pattern = pattern[j];
		}
		count++;
	}
	return count;
}

static struct request request_in(const struct columns *columns, const struct csv_row *row)
{
	const char *name = column_cell(columns, row, "name");

	return (struct request){
		.name = strcmp(name, "NULL") == 0 ? NULL : name,
		.size = strtoul(column_cell(columns, row, "size"), NULL, 0),
		.align = (unsigned)strtoul(column_cell(columns, row, "align"), NULL, 0),
		.flags = (slab_flags_t)strtoul(column_cell(columns, row, "flags"), NULL, 0),
		.ctor = strcmp(column_cell(columns, row, "ctor"), "0") != 0,
	};
}

/* Is a size or an alignment out of what slab.md allows? */
static bool is_out_of_range(const struct request *request)
{
	return request->size == 0 || request->size > KMALLOC_MAX_SIZE ||
	       (request->align & (request->align - 1)) != 0;
}

/* What names a row on which the two sides disagree; NAMED_ARGUMENT: nothing does. */
static enum named name_of(const struct request *request, bool created_there,
			  const struct made *made)
{
	if (created_there && made->cache == NULL && is_out_of_range(request))
		return NAMED_REFUSED;
	if (!created_there && made->cache == NULL && made->error == -EINVAL &&
	    (is_out_of_range(request) || request->name == NULL))
		return NAMED_OTHER_ERRNO;
	if (!created_there && made->cache != NULL &&
	    (request->flags & (SLAB_FAILSLAB | SLAB_ACCOUNT)) != 0)
		return NAMED_FLAG_EXISTS;
	return NAMED_ARGUMENT;
}

/* A row of a create that failed ends behind its errno. */
static unsigned cells_to_compare(const struct columns *columns, const struct csv_row *row)
{
	return row->count < columns->count ? row->count : columns->count;
}

static void compare_row(const struct columns *columns, const struct csv_row *row,
			struct result *result, enum kind kind)
{
	static struct mismatch mismatch;
	struct request request = request_in(columns, row);
	bool created_there = strcmp(column_cell(columns, row, "result"), "created") == 0;
	struct made made = { 0 };
	enum named named;

	made.cache = kmem_cache_create(request.name, (unsigned)request.size, request.align,
				       request.flags, request.ctor ? count_ctor_call : NULL);
	made.error = made.cache == NULL ? -errno : 0;
	named = name_of(&request, created_there, &made);
	if (columns_match(columns, row, cells_to_compare(columns, row), &made, result, &mismatch))
		row_is_equal(result, kind);
	else if (named != NAMED_ARGUMENT)
		row_is_named(result, kind, named);
	else
		row_differs(result, kind, &mismatch);
	kmem_cache_destroy(made.cache);
}

/* A row ends early only when nothing was created, and never before its errno. */
static bool is_whole(const struct columns *columns, const struct csv_row *row,
		     struct result *result)
{
	bool created = strcmp(column_cell(columns, row, "result"), "NULL") != 0;

	if (created || (int)row->count <= column_find(columns, "err"))
		return row_is_whole(columns, row, result);
	return true;
}

void refusals_compare(const struct job *job, char *text, struct result *result)
{
	static struct column table[COLUMNS_ROOM];

	table_compare(text, job->kind, table, make_table(table), is_whole, compare_row, result);
}

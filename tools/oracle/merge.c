/*
 * merge.c: which creates share a cache with an earlier one.
 */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "cache/cache.h"
#include "cache_columns.h"
#include "formats.h"

/* What a row leads to. */
struct pair {
	unsigned a_object_size, a_size, a_align;        /* A before B */
	struct kmem_cache *a, *b;
};

#define PAIR_PRINTER(name, expression)                                          \
	static void name(struct text *out, const void *subject, unsigned number UNUSED) \
	{                                                                       \
		const struct pair *pair = subject;                              \
		text_number(out, pair->b != NULL ? (long)(expression) : -1);    \
	}

PAIR_PRINTER(print_a_object_size, pair->a_object_size)
PAIR_PRINTER(print_a_size, pair->a_size)
PAIR_PRINTER(print_a_align, pair->a_align)
PAIR_PRINTER(print_object_size, pair->b->layout.object_size)
PAIR_PRINTER(print_size, pair->b->layout.size)
PAIR_PRINTER(print_align, pair->b->layout.align)
PAIR_PRINTER(print_refcount, pair->b->refcount)

/* E: not created. */
static void print_merged(struct text *out, const void *subject, unsigned number UNUSED)
{
	const struct pair *pair = subject;

	text_word(out, pair->b == NULL ? "E" : pair->a == pair->b ? "1" : "0");
}

static void print_name(struct text *out, const void *subject, unsigned number UNUSED)
{
	const struct pair *pair = subject;

	text_word(out, pair->b != NULL ? pair->b->name : "");
}

static const struct column pair_columns[] = {
	{ .pattern = "a_size" }, { .pattern = "a_align" },
	{ .pattern = "a_flags" }, { .pattern = "a_ctor" },
	{ .pattern = "a_res_object_size", .print = print_a_object_size },
	{ .pattern = "a_res_size", .print = print_a_size },
	{ .pattern = "a_res_align", .print = print_a_align },
	{ .pattern = "b_size" }, { .pattern = "b_align" },
	{ .pattern = "b_flags" }, { .pattern = "b_ctor" },
	{ .pattern = "merged", .print = print_merged },
	{ .pattern = "res_object_size", .print = print_object_size },
	{ .pattern = "res_size", .print = print_size },
	{ .pattern = "res_align", .print = print_align },
	{ .pattern = "res_refcount", .print = print_refcount },
	{ .pattern = "res_name", .print = print_name },
};

static unsigned number_in(const struct columns *columns, const struct csv_row *row,
			  const char *prefix, const char *name)
{
	char column[32];

	snprintf(column, sizeof(column), "%s%s", prefix, name);
	return (unsigned)strtoul(column_cell(columns, row, column), NULL, 0);
}

/* Create by the cells @prefix"size", "align", "flags" and "ctor". */
static struct kmem_cache *create(const struct columns *columns, const struct csv_row *row,
				 const char *prefix, const char *name)
{
	return kmem_cache_create(name, number_in(columns, row, prefix, "size"),
				 number_in(columns, row, prefix, "align"),
				 number_in(columns, row, prefix, "flags"),
				 number_in(columns, row, prefix, "ctor") ? count_ctor_call : NULL);
}

/* Of a B that was not created there is nothing behind "merged". */
static unsigned cells_to_compare(const struct columns *columns, const struct pair *pair)
{
	return pair->b != NULL ? columns->count : (unsigned)column_find(columns, "merged") + 1;
}

/* Make both, compare, and destroy them. */
static bool pair_matches(const struct columns *columns, const struct csv_row *row,
			 struct result *result, struct mismatch *mismatch)
{
	struct pair pair = { .a = create(columns, row, "a_", "oraA") };
	bool same;

	if (pair.a == NULL) {
		mismatch_set(mismatch, "a_size", "created", "refused");
		return false;
	}
	pair.a_object_size = pair.a->layout.object_size;
	pair.a_size = pair.a->layout.size;
	pair.a_align = pair.a->layout.align;
	pair.b = create(columns, row, "b_", "oraB");
	same = columns_match(columns, row, cells_to_compare(columns, &pair), &pair, result,
			     mismatch);
	kmem_cache_destroy(pair.b);
	kmem_cache_destroy(pair.a);
	return same;
}

static void compare_pair(const struct columns *columns, const struct csv_row *row,
			 struct result *result, enum kind kind)
{
	static struct mismatch mismatch;

	if (pair_matches(columns, row, result, &mismatch))
		row_is_equal(result, kind);
	else
		row_differs(result, kind, &mismatch);
}

void merge_compare(const struct job *job, char *text, struct result *result)
{
	table_compare(text, job->kind, pair_columns, ARRAY_LENGTH(pair_columns), row_is_whole,
		      compare_pair, result);
}

/* ---- Sequences of creates that are kept -------------------------------------------- */

enum { SEQUENCE_MAX = 1024 };

struct sequence {
	char number[16];                        /* "" before the first row */
	struct kmem_cache *kept[SEQUENCE_MAX];  /* by idx */
	unsigned count;
};

static void end_sequence(struct sequence *sequence)
{
	while (sequence->count > 0)
		kmem_cache_destroy(sequence->kept[--sequence->count]);
}

/* The first of the earlier creates that has the newest one's cache, or -1. */
static void print_merged_with(struct text *out, const void *subject, unsigned number UNUSED)
{
	const struct sequence *sequence = subject;
	unsigned newest = sequence->count - 1, i = 0;

	while (sequence->kept[i] != sequence->kept[newest])
		i++;
	text_number(out, i < newest ? (long)i : -1);
}

#define SEQUENCE_PRINTER(name, expression)                                      \
	static void name(struct text *out, const void *subject, unsigned number UNUSED) \
	{                                                                       \
		const struct sequence *sequence = subject;                      \
		const struct kmem_cache *cache = sequence->kept[sequence->count - 1]; \
		text_number(out, cache != NULL ? (long)(expression) : -1);      \
	}

SEQUENCE_PRINTER(print_kept_object_size, cache->layout.object_size)
SEQUENCE_PRINTER(print_kept_size, cache->layout.size)
SEQUENCE_PRINTER(print_kept_align, cache->layout.align)
SEQUENCE_PRINTER(print_kept_refcount, cache->refcount)

static void print_idx(struct text *out, const void *subject, unsigned number UNUSED)
{
	text_number(out, (long)((const struct sequence *)subject)->count - 1);
}

static const struct column sequence_columns[] = {
	{ .pattern = "seq" },
	{ .pattern = "idx", .print = print_idx },
	{ .pattern = "size" }, { .pattern = "align" },
	{ .pattern = "flags" }, { .pattern = "ctor" },
	{ .pattern = "merged_with_idx", .print = print_merged_with },
	{ .pattern = "res_object_size", .print = print_kept_object_size },
	{ .pattern = "res_size", .print = print_kept_size },
	{ .pattern = "res_align", .print = print_kept_align },
	{ .pattern = "res_refcount", .print = print_kept_refcount },
};

static void compare_kept(const struct columns *columns, const struct csv_row *row,
			 const struct sequence *sequence, struct result *result, enum kind kind)
{
	static struct mismatch mismatch;

	if (!columns_match(columns, row, columns->count, sequence, result, &mismatch))
		row_differs(result, kind, &mismatch);
	else
		row_is_equal(result, kind);
}

void merge_seq_compare(const struct job *job, char *text, struct result *result)
{
	static struct columns columns;
	static struct sequence sequence;
	struct csv csv;

	csv_open(&csv, text);
	csv_next(&csv);
	if (!columns_bind(&columns, &csv.row, sequence_columns, ARRAY_LENGTH(sequence_columns),
			  result))
		return;
	while (csv_next(&csv) == CSV_ROW) {
		const char *number = column_cell(&columns, &csv.row, "seq");

		result->line = csv.line;
		if (!row_is_whole(&columns, &csv.row, result))
			return;
		if (strcmp(number, sequence.number) != 0 || sequence.count == SEQUENCE_MAX)
			end_sequence(&sequence);
		snprintf(sequence.number, sizeof(sequence.number), "%s", number);
		sequence.kept[sequence.count++] = create(&columns, &csv.row, "", "oracle");
		compare_kept(&columns, &csv.row, &sequence, result, job->kind);
	}
}

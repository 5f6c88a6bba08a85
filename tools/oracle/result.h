/*
 * result.h: what comparing one file came to. Shared memory between the process that
 * compares and the one that reports, so that a crash still tells how far it got.
 */
#ifndef ORACLE_RESULT_H
#define ORACLE_RESULT_H

#include "named.h"
#include "text.h"

enum kind {
	KIND_GEOMETRY,
	KIND_CACHES,
	KIND_MERGE,
	KIND_MERGE_SEQ,
	KIND_KMALLOC,
	KIND_ERR,
	KIND_SLABINFO,
	KIND_BEHAVIOUR,
	KIND_ALIEN,
	KIND_HOTPLUG,
	KIND_SLABINFO_WRITE,
	KIND_GEOMETRY_LINES,
	KIND_DUMP_LINES,
	KIND_BULK_LINES,
	KIND_EVENT_LINES,
	KIND_SCRIPTS,
	KIND_BENCH,
	KINDS
};

extern const char *const kind_names[KINDS];

struct tally {
	unsigned long equal, named, different;
};

struct named_count {
	unsigned long count;
	unsigned first_line;
};

struct result {
	struct tally tally[KINDS];
	struct named_count named[NAMED_IDS];
	unsigned line;                  /* being worked on */
	bool done;                      /* false when the process died */
	char difference[1000];          /* the first one, in words; empty: none */
	char problem[400];              /* can't be read or understood; empty: it could */
	char remark[400];               /* worth a line, but neither of the two */
};

/* Why two texts are not the same. */
struct mismatch {
	const char *column;             /* outlives the row */
	struct text expected, got;
};

void mismatch_set(struct mismatch *mismatch, const char *column, const char *expected,
		  const char *got);

void row_is_equal(struct result *result, enum kind kind);
void row_is_named(struct result *result, enum kind kind, enum named named);
void row_differs(struct result *result, enum kind kind, const struct mismatch *mismatch);

/* Equal or different, by comparing two texts. Returns whether they are equal. */
bool row_compare(struct result *result, enum kind kind, const char *column,
		 const char *expected, const char *got);

/* A cell that is not compared. */
void cell_is_named(struct result *result, enum named named);

/* The file is no use from here on. */
void result_problem(struct result *result, const char *format, ...)
	__attribute__((format(printf, 2, 3)));
void result_remark(struct result *result, const char *format, ...)
	__attribute__((format(printf, 2, 3)));

#endif

/*
 * rows.h: the lines of ukmem top: two snapshots, the rates between them, an order.
 */
#ifndef INSPECT_ROWS_H
#define INSPECT_ROWS_H

#include "snapshot.h"

struct row {
	const struct cache_view *cache;
	double misses_per_second;      /* negative: not known yet */
	double hit;                    /* from below, 0 .. 1; negative: not known */
};

struct rows {
	struct row *at;
	size_t count;
};

/* Keys as in slabtop, and three of ours: r rate, h hits, w waste. */
bool rows_key_is_known(char key);

/* @before may be empty (no caches): then rates are not known. */
bool rows_make(struct rows *rows, const struct snapshot *before, const struct snapshot *now,
	       char key);
void rows_free(struct rows *rows);

enum { ROW_BYTES = 320 };

void row_title(char *text, size_t bytes);
void row_text(const struct row *row, char *text, size_t bytes);

/* The few lines above the table: number @line of them, from 0; false when there is none. */
bool rows_head(const struct snapshot *snapshot, const struct target *target, int line,
	       char *text, size_t bytes);

#endif

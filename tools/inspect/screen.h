/*
 * screen.h: ukmem top on a terminal, by ncurses.
 */
#ifndef INSPECT_SCREEN_H
#define INSPECT_SCREEN_H

#include "rows.h"

/* What the user has chosen so far. */
struct view {
	char key;                      /* the order */
	size_t selected;               /* row */
	size_t first;                  /* row at the top of the table */
	uint64_t layout;               /* of the cache whose pane is open; 0: the table */
	char cache[CACHE_NAME_BYTES];  /* and its name */
};

enum action { ACTION_NONE, ACTION_REFRESH, ACTION_REDRAW, ACTION_QUIT };

/* False after one line on stderr: no terminal that could be used. */
bool screen_open(void);
void screen_close(void);

/* Draw the table, or the open pane. */
void screen_draw(struct view *view, const struct rows *rows, const struct snapshot *snapshot,
		 struct target *target);

/* Wait up to @ms for a key, and do in @view what it says. */
enum action screen_wait(struct view *view, const struct rows *rows, int ms);

#endif

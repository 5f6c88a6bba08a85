/*
 * screen.c: see screen.h. Colours where there are any; otherwise bold and reverse.
 */
#include "screen.h"

#include <inttypes.h>
#include <ncurses.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "../say.h"
#include "runs.h"

enum { COLOUR_TITLE = 1, COLOUR_BAR, HEAD_LINES = 3, TABLE_FIRST = HEAD_LINES + 2, BAR = 40 };

static SCREEN *screen;

bool screen_open(void)
{
	if (!isatty(STDIN_FILENO) || !isatty(STDOUT_FILENO)) {
		say("top: standard input and output are no terminal; use -b");
		return false;
	}
	screen = newterm(NULL, stdout, stdin);
	if (screen == NULL) {
		say("top: the terminal \"%s\" is unknown; use -b",
		    getenv("TERM") != NULL ? getenv("TERM") : "");
		return false;
	}
	cbreak();
	noecho();
	keypad(stdscr, TRUE);
	set_escdelay(25);
	curs_set(0);
	if (has_colors()) {
		start_color();
		use_default_colors();
		init_pair(COLOUR_TITLE, COLOR_CYAN, -1);
		init_pair(COLOUR_BAR, COLOR_GREEN, -1);
	}
	return true;
}

void screen_close(void)
{
	endwin();
	delscreen(screen);
	screen = NULL;
}

static void put_line(int y, int attributes, const char *text)
{
	if (y >= LINES)
		return;
	attron(attributes);
	mvaddnstr(y, 0, text, COLS);
	attroff(attributes);
}

static int title_attributes(void)
{
	return has_colors() ? COLOR_PAIR(COLOUR_TITLE) | A_BOLD : A_REVERSE;
}

static void draw_head(const struct snapshot *snapshot, const struct target *target, int lines)
{
	char text[ROW_BYTES];

	for (int line = 0; line < lines && rows_head(snapshot, target, line, text, sizeof(text));
	     line++)
		put_line(line, line == 0 ? A_BOLD : A_NORMAL, text);
}

/* ---- The table -------------------------------------------------------------------------- */

static size_t table_lines(void)
{
	return LINES > TABLE_FIRST + 1 ? (size_t)(LINES - TABLE_FIRST - 1) : 1;
}

static void keep_selected_visible(struct view *view, const struct rows *rows)
{
	if (view->selected >= rows->count)
		view->selected = rows->count != 0 ? rows->count - 1 : 0;
	if (view->first + table_lines() > rows->count)
		view->first = rows->count > table_lines() ? rows->count - table_lines() : 0;
	if (view->selected < view->first)
		view->first = view->selected;
	if (view->selected >= view->first + table_lines())
		view->first = view->selected - table_lines() + 1;
}

static void draw_table(struct view *view, const struct rows *rows)
{
	char text[ROW_BYTES];

	keep_selected_visible(view, rows);
	row_title(text, sizeof(text));
	put_line(TABLE_FIRST - 1, title_attributes(), text);
	for (size_t i = 0; i < table_lines() && view->first + i < rows->count; i++) {
		row_text(&rows->at[view->first + i], text, sizeof(text));
		put_line(TABLE_FIRST + (int)i,
			 view->first + i == view->selected ? A_REVERSE : A_NORMAL, text);
	}
	snprintf(text, sizeof(text), "sorted by %c   a b c l v n o p s u as slabtop; r rate, h hits, "
		 "w waste; Enter, q", view->key);
	put_line(LINES - 1, A_DIM, text);
}

/* ---- The pane of a cache ------------------------------------------------------------------ */

static int draw_bar(int y, const char *label, uint64_t part, uint64_t whole, const char *word)
{
	int length = whole != 0 ? (int)((double)part * BAR / (double)whole + 0.5) : 0;
	int colour = has_colors() ? COLOR_PAIR(COLOUR_BAR) : A_BOLD;
	char text[ROW_BYTES];

	if (y >= LINES - 1)
		return y;
	snprintf(text, sizeof(text), "%-12s [", label);
	put_line(y, A_NORMAL, text);
	attron(colour);
	for (int i = 0; i < BAR && 14 + i < COLS; i++)
		mvaddch(y, 14 + i, i < length ? '|' : ' ');
	attroff(colour);
	snprintf(text, sizeof(text), "] %" PRIu64 "/%" PRIu64 " %s", part, whole, word);
	if (14 + BAR < COLS)
		mvaddnstr(y, 14 + BAR, text, COLS - 14 - BAR);
	return y + 1;
}

static int draw_geometry(int y, const struct cache_view *cache)
{
	char text[ROW_BYTES];

	snprintf(text, sizeof(text), "%.100s: objects of %u bytes (%u apart), %u in a slab of %u pages",
		 cache->name, cache->object_size, cache->size, cache->num, 1u << cache->order);
	put_line(y, title_attributes(), text);
	snprintf(text, sizeof(text), "limit %u, batchcount %u, shared %u; refills %" PRIu64
		 ", flushes %" PRIu64 ", hits at least %" PRIu64, cache->limit, cache->batchcount,
		 cache->shared, cache->refills, cache->flushes, cache->hits);
	put_line(y + 1, A_NORMAL, text);
	return y + 2;
}

static int draw_nodes(int y, const struct cache_view *cache, uint32_t nodes)
{
	char label[24], word[ROW_BYTES];

	put_line(y++, A_BOLD, "nodes: slabs in use");
	for (uint32_t i = 0; i < nodes && cache->nodes != NULL; i++) {
		const struct node_view *node = &cache->nodes[i];

		snprintf(label, sizeof(label), "node %u", i);
		snprintf(word, sizeof(word), "shared %u, alien %u", node->shared_avail,
			 node->alien_avail);
		y = draw_bar(y, label, node->total_slabs - node->free_slabs, node->total_slabs,
			     word);
	}
	return y;
}

static int draw_fullness(int y, const struct cache_view *cache, const struct snapshot *snapshot,
			 struct target *target)
{
	static const char *const labels[FULLNESSES] = {
		"empty", "to 1/9", "to 2/9", "to 3/9", "to 4/9", "to 5/9", "to 6/9", "to 7/9",
		"to 8/9", "to 9/9", "full",
	};
	uint64_t counts[FULLNESSES], sum = 0;

	fullness_count(target, snapshot, cache, counts);
	for (int i = 0; i < FULLNESSES; i++)
		sum += counts[i];
	put_line(y++, A_BOLD, "how full the slabs are");
	for (int i = 0; i < FULLNESSES; i++)
		y = draw_bar(y, labels[i], counts[i], sum, "slabs");
	return y;
}

/* Last, since there may be more of them than lines: then the others in one. */
static void draw_arrays(int y, const struct cache_view *cache)
{
	char text[ROW_BYTES];
	size_t shown = 0;
	uint64_t others = 0;

	put_line(y++, A_BOLD, cache->arrays_count != 0 ? "per-CPU arrays" : "no per-CPU arrays");
	for (; shown < cache->arrays_count &&
	       (y < LINES - 2 || (y == LINES - 2 && shown + 1 == cache->arrays_count)); shown++) {
		const struct array_view *array = &cache->arrays[shown];

		snprintf(text, sizeof(text), "CPU %u", array->slot);
		y = draw_bar(y, text, array->avail, array->limit, array->idle ? "idle" : "");
	}
	for (size_t i = shown; i < cache->arrays_count; i++)
		others += cache->arrays[i].avail;
	snprintf(text, sizeof(text), "and %zu CPUs more, with %" PRIu64 " objects",
		 cache->arrays_count - shown, others);
	if (shown < cache->arrays_count && y < LINES - 1)
		put_line(y, A_NORMAL, text);
}

/* Blank lines only where the screen has them to spare. */
static void draw_pane(const struct cache_view *cache, const struct snapshot *snapshot,
		      struct target *target)
{
	int blank = LINES >= 36 ? 1 : 0;
	int y = draw_geometry(1 + blank, cache) + blank;

	y = draw_nodes(y, cache, snapshot->nodes) + blank;
	y = draw_fullness(y, cache, snapshot, target) + blank;
	draw_arrays(y, cache);
	put_line(LINES - 1, A_DIM, "Enter or Escape: back to the table; q quit");
}

void screen_draw(struct view *view, const struct rows *rows, const struct snapshot *snapshot,
		 struct target *target)
{
	const struct cache_view *cache = view->layout != 0 ?
		snapshot_same(snapshot, view->layout, view->cache) : NULL;

	erase();
	draw_head(snapshot, target, cache != NULL ? 1 : HEAD_LINES);
	if (cache != NULL)
		draw_pane(cache, snapshot, target);
	else
		draw_table(view, rows);
	refresh();
}

/* ---- Keys ----------------------------------------------------------------------------------- */

static void move_by(struct view *view, const struct rows *rows, long distance)
{
	long to = (long)view->selected + distance;

	view->selected = to < 0 ? 0 : (size_t)to;
	keep_selected_visible(view, rows);
}

static void toggle_pane(struct view *view, const struct rows *rows)
{
	if (view->layout != 0) {
		view->layout = 0;
	} else if (view->selected < rows->count) {
		view->layout = rows->at[view->selected].cache->layout;
		strcpy(view->cache, rows->at[view->selected].cache->name);
	}
}

enum action screen_wait(struct view *view, const struct rows *rows, int ms)
{
	int key;

	timeout(ms);
	key = getch();
	switch (key) {
	case ERR:
		return ACTION_REFRESH;
	case 'q': case 'Q':
		return ACTION_QUIT;
	case ' ':
		return ACTION_REFRESH;
	case KEY_UP: move_by(view, rows, -1); break;
	case KEY_DOWN: move_by(view, rows, 1); break;
	case KEY_PPAGE: move_by(view, rows, -(long)table_lines()); break;
	case KEY_NPAGE: move_by(view, rows, (long)table_lines()); break;
	case '\n': case '\r': case KEY_ENTER:
		toggle_pane(view, rows);
		break;
	case 27:
		view->layout = 0;
		break;
	default:
		if (key > 0 && key < 128 && rows_key_is_known((char)key))
			view->key = (char)key;
	}
	return ACTION_REDRAW;
}

/*
 * notes.c: see notes.h.
 */
#include "notes.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "cache/cache.h"
#include "cache_columns.h"
#include "csv.h"
#include "dump.h"

static bool begins(const char *line, const char *with)
{
	return strncmp(line, with, strlen(with)) == 0;
}

/* ---- #geometry name=value ... ------------------------------------------------------- */

/* Print what @name is here; false when there is no such column. */
static bool print_column(struct text *out, const char *name, const struct made *made)
{
	for (unsigned i = 0; i < cache_columns_count; i++) {
		if (strcmp(cache_columns[i].pattern, name) != 0)
			continue;
		cache_columns[i].print(out, made, 0);
		return true;
	}
	return false;
}

void notes_compare_geometry(struct notes *notes, struct world *world, struct result *result)
{
	struct made made = { .cache = world->cache };
	struct text ours = { 0 };
	char *words[64], *copy;
	unsigned count;

	if (notes->geometry == NULL)
		return;
	copy = strdup(notes->geometry);
	count = split(copy, ' ', words, ARRAY_LENGTH(words));
	text_word(&ours, words[0]);
	for (unsigned i = 1; i < count; i++) {
		*strchrnul(words[i], '=') = '\0';
		text_add(&ours, " %s=", words[i]);
		if (!print_column(&ours, words[i], &made))
			text_word(&ours, "?");
	}
	row_compare(result, KIND_GEOMETRY_LINES, "#geometry", notes->geometry, ours.data);
	notes->geometry = NULL;
	text_free(&ours);
	free(copy);
}

/* ---- #dump -------------------------------------------------------------------------- */

void notes_end_dump(struct notes *notes, struct result *result)
{
	const char *line;

	while (notes->dump_next != NULL && (line = line_cut(&notes->dump_next)) != NULL)
		row_compare(result, KIND_DUMP_LINES, "#dump", "", line);
	notes->dump_next = NULL;
}

static void compare_dump(struct notes *notes, struct world *world, const char *note,
			 struct result *result)
{
	const char *ours;

	if (begins(note, DUMP_BEGINS))
		notes_end_dump(notes, result);
	if (notes->dump_next == NULL && world->cache != NULL) {
		dump_print(&notes->dump, world->cache);
		notes->dump_next = notes->dump.data;
	}
	ours = notes->dump_next != NULL ? line_cut(&notes->dump_next) : NULL;
	row_compare(result, KIND_DUMP_LINES, "#dump", note, ours != NULL ? ours : "");
}

/* ---- #bulkobj id slab.index ----------------------------------------------------------- */

static void compare_bulk_object(struct world *world, const char *note, struct result *result)
{
	struct text ours = { 0 };
	unsigned long id = strtoul(note + strlen("#bulkobj"), NULL, 10);

	text_add(&ours, "#bulkobj %lu", id);
	if (id < world->objects)
		text_add(&ours, " %u.%u", world->object[id].serial, world->object[id].index);
	row_compare(result, KIND_BULK_LINES, "#bulkobj", note, ours.data);
	text_free(&ours);
}

/* ---- # cpu N online=V rc=R ------------------------------------------------------------ */

static void switch_cpu(const char *note, struct result *result)
{
	struct text ours = { 0 };
	unsigned cpu, online;
	int there;

	if (sscanf(note, "# cpu %u online=%u rc=%d", &cpu, &online, &there) != 3 ||
	    cpu >= topology.slots) {
		row_compare(result, KIND_EVENT_LINES, "# cpu", note, "no such CPU");
		return;
	}
	text_add(&ours, "# cpu %u online=%u rc=%d", cpu, online,
		 world_set_online(cpu, online != 0));
	row_compare(result, KIND_EVENT_LINES, "# cpu", note, ours.data);
	text_free(&ours);
}

/* ---- # write: [line], then # result=ok slabinfo: the cache's line ----------------------- */

static void write_slabinfo(struct notes *notes, char *note)
{
	char *line = strchr(note, '['), *end = strrchr(note, ']');

	if (line == NULL || end == NULL)
		return;
	line++;
	notes->write_worked = slabinfo_write(line, (size_t)(end - line)) == end - line;
}

static void print_slabinfo_line(struct text *out, const char *name)
{
	size_t room = slabinfo_read(NULL, 0) + 1;
	char *table = must_allocate(NULL, room), *next = table, *line;

	slabinfo_read(table, room);
	while ((line = line_cut(&next)) != NULL)
		if (begins(line, name) && line[strlen(name)] == ' ')
			break;
	text_word(out, line != NULL ? line : "");
	free(table);
}

static void compare_slabinfo(struct notes *notes, struct world *world, const char *note,
			     struct result *result)
{
	struct text ours = { 0 };

	text_add(&ours, "# result=%s slabinfo: ", notes->write_worked ? "ok" : "fail");
	if (world->cache != NULL)
		print_slabinfo_line(&ours, world->cache->name);
	row_compare(result, KIND_EVENT_LINES, "# result", note, ours.data);
	text_free(&ours);
}

void notes_take(struct notes *notes, struct world *world, char *note, struct result *result)
{
	if (!begins(note, "#dump "))
		notes_end_dump(notes, result);
	if (begins(note, "#dump "))
		compare_dump(notes, world, note, result);
	else if (begins(note, "#geometry "))
		notes->geometry = note;
	else if (begins(note, "#bulkobj "))
		compare_bulk_object(world, note, result);
	else if (begins(note, "# cpu "))
		switch_cpu(note, result);
	else if (begins(note, "# write: "))
		write_slabinfo(notes, note);
	else if (begins(note, "# result="))
		compare_slabinfo(notes, world, note, result);
	else
		notes->strangers++;
}

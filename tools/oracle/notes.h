/*
 * notes.h: the lines of a replay that begin with '#'.
 */
#ifndef ORACLE_NOTES_H
#define ORACLE_NOTES_H

#include "result.h"
#include "world.h"

struct notes {
	const char *geometry;           /* of the cache, waiting for its create */
	struct text dump;               /* what a dump should say */
	char *dump_next;                /* the rest of it that was not compared yet */
	bool write_worked;
	unsigned strangers;             /* notes that were not understood */
};

/* A note was read. */
void notes_take(struct notes *notes, struct world *world, char *note, struct result *result);

/* Something else was read: a dump must be over. */
void notes_end_dump(struct notes *notes, struct result *result);

/* The cache has been created: what was said of its geometry must hold. */
void notes_compare_geometry(struct notes *notes, struct world *world, struct result *result);

#endif

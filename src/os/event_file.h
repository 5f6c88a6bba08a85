/*
 * event_file.h: a file in memory that events are written into, for debug/record.c.
 *
 * Mapped, not written: a program that is killed leaves all but what it was just about
 * to store, and whoever records takes no lock and makes no system call.
 */
#ifndef OS_EVENT_FILE_H
#define OS_EVENT_FILE_H

#include "base/compiler.h"

struct event_file {
	int file;
	char *memory;           /* NULL: there is none */
	size_t bytes;           /* of addresses; blocks are there as far as was asked for */
};

/* A new file at @path; one that is there already is left alone. 0 or -errno. */
int event_file_create(struct event_file *file, const char *path);

/* Blocks behind [offset, offset + bytes), so that stores there can't fail. 0 or -errno. */
int event_file_extend(const struct event_file *file, size_t offset, size_t bytes);

/* As if it had never been, path and all. */
void event_file_discard(struct event_file *file, const char *path);

#endif

/*
 * event_file.h: a file in memory that events are written into, for debug/record.c.
 *
 * Mapped, not written: a program that is killed leaves all but what it was just about
 * to store, and whoever records takes no lock and makes no system call.
 */
#ifndef OS_EVENT_FILE_H
#define OS_EVENT_FILE_H

#include "os/file.h"

struct event_file {
	int file;
	struct file_identity identity;
	char *memory;           /* NULL: there is none */
	size_t bytes;           /* of addresses; blocks are there as far as was asked for */
};

/*
 * A new file without a name, in /var/tmp, else in memory: it ends with who has it open. 0 or
 * -errno.
 */
int event_file_unnamed(struct event_file *file);

/* Is anybody else at the file, by flock? */
bool event_file_is_locked(const struct event_file *file);

/* A new file at @path; one that is there already is left alone. 0 or -errno. */
int event_file_create(struct event_file *file, const char *path);

/* Blocks behind [offset, offset + bytes), so that stores there can't fail. 0 or -errno. */
int event_file_extend(const struct event_file *file, size_t offset, size_t bytes);

void event_file_close(struct event_file *file);

#endif

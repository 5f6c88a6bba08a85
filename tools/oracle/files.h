/*
 * files.h: all files below what the command line names, in order of their names.
 */
#ifndef ORACLE_FILES_H
#define ORACLE_FILES_H

#include <stdbool.h>

struct files {
	char **path;
	bool *asked;            /* named on the command line itself */
	unsigned count, room;
};

/* Add @path, or what is below it; false when it is not there or can't be read. */
bool files_add(struct files *files, const char *path);

#endif

/*
 * output.h: a file that a command writes: there in full or not at all.
 *
 * It gets its name when all is written. A path that is something else than a file (a device, a
 * pipe, a link to one as /dev/stdout is) is written to as it is, and stays what it is.
 */
#ifndef INSPECT_OUTPUT_H
#define INSPECT_OUTPUT_H

#include <limits.h>
#include <stdbool.h>
#include <stdio.h>

struct output {
	const char *path;
	FILE *file;
	char part[PATH_MAX];           /* what it is called until then; empty: @path */
};

/* Before the work, so that nobody works for nothing; false after one line on stderr. */
bool output_open(struct output *output, const char *path);

/* @good: what should be written is. Returns 0, or 1 after one line on stderr. */
int output_close(struct output *output, bool good);

/* There is nothing to be written. */
void output_drop(struct output *output);

#endif

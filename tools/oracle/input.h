/*
 * input.h: a whole file as text, unpacked if its name ends in .zst.
 */
#ifndef ORACLE_INPUT_H
#define ORACLE_INPUT_H

#include <stdbool.h>
#include <stddef.h>

/*
 * Read @path; the text ends in a NUL and is the caller's to free. NULL when it can't
 * be read or unpacked; *why then says so in a few words.
 */
char *input_read(const char *path, const char **why);

bool name_ends_in(const char *name, const char *end);

/* The part of @path after the last slash. */
const char *base_name(const char *path);

#endif

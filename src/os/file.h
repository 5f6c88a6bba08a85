/*
 * file.h: a small file of /proc or /sys into a buffer, as a string.
 *
 * No stdio: streams allocate, and we may be what they allocate from.
 */
#ifndef OS_FILE_H
#define OS_FILE_H

#include "base/compiler.h"
#include "base/uncancelled.h"

/* False when it can't be read or is empty; what does not fit is cut off. */
static inline bool read_file(const char *path, char *text, size_t size)
{
	int file = uncancelled_open(path, O_RDONLY | O_CLOEXEC);
	ssize_t length;

	if (file < 0)
		return false;
	length = uncancelled_read(file, text, size - 1);
	uncancelled_close(file);
	text[length > 0 ? length : 0] = '\0';
	return length > 0;
}

#endif

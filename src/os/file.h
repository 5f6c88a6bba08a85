/*
 * file.h: a small file of /proc or /sys into a buffer, as a string; and whether a descriptor is
 * still ours.
 *
 * No stdio: streams allocate, and we may be what they allocate from.
 */
#ifndef OS_FILE_H
#define OS_FILE_H

#include <errno.h>
#include <sys/stat.h>

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

struct file_identity {
	dev_t device;
	ino_t inode;
};

static inline bool file_identify(int file, struct file_identity *out)
{
	struct stat now;

	if (fstat(file, &now) != 0)
		return false;
	*out = (struct file_identity){ now.st_dev, now.st_ino };
	return true;
}

/*
 * Programs that close all descriptors, daemons say, close ours too, and the number may be
 * another file's by now: asked before each use.
 */
static inline bool file_is(int file, const struct file_identity *ours)
{
	struct file_identity now;
	int kept_errno = errno;
	bool is_ours = file_identify(file, &now) && now.device == ours->device &&
		       now.inode == ours->inode;

	errno = kept_errno;
	return is_ours;
}

#endif

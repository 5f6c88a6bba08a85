/*
 * table.c: the table of slabinfo, written to a file however long it is, and from wherever:
 * a signal handler on a small stack too. So its memory is a mapping of its own.
 */
#include "base/uncancelled.h"
#include "malloc/heap.h"
#include "os/ops.h"
#include "preload/preload.h"

static bool write_all(int file, const char *text, size_t length)
{
	while (length != 0) {
		ssize_t written = uncancelled_write(file, text, length);

		if (written <= 0)
			return false;
		text += written;
		length -= (size_t)written;
	}
	return true;
}

bool table_write(int file)
{
	size_t length = slabinfo_read(NULL, 0), size;
	bool written = false;
	void *text;

	do {
		size = align_up(length + PAGE_BYTES, PAGE_BYTES);       /* caches may come meanwhile */
		if (os_ops.map(size, &text) != 0)
			return false;
		length = slabinfo_read(text, size);
		if (length < size)
			written = write_all(file, text, length);
		os_ops.unmap(text, size);
	} while (length >= size);
	return written;
}

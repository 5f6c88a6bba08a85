/*
 * table.c: the table of slabinfo, written to a file however long it is, and from wherever:
 * a signal handler on a small stack too. So its memory is a mapping of its own.
 */
#include <string.h>

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

/* A string in a mapping of *size bytes; NULL with errno when that can't be. */
static char *table_text(size_t *size)
{
	size_t length = slabinfo_read(NULL, 0);
	void *text;

	for (;;) {
		*size = align_up(length + PAGE_BYTES, PAGE_BYTES);      /* caches may come meanwhile */
		if (os_ops.map(*size, &text) != 0)
			return NULL;
		length = slabinfo_read(text, *size);
		if (length < *size)
			return text;
		os_ops.unmap(text, *size);
	}
}

bool table_write(int file)
{
	size_t size;
	char *text = table_text(&size);
	bool written = text != NULL && write_all(file, text, strlen(text));

	if (text != NULL)
		os_ops.unmap(text, size);
	return written;
}

void table_tell(tell_function *tell, void *to)
{
	size_t size;
	char *text = table_text(&size);

	if (text == NULL)
		return;
	tell(to, text);
	os_ops.unmap(text, size);
}

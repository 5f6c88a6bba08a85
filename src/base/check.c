/*
 * check.c: one line on stderr, by one write, from a buffer on the stack.
 */
#include "base/check.h"

#include <errno.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>

#include "base/uncancelled.h"

static void say(const char *format, va_list arguments)
{
	char line[512] = "ukmem: ";
	size_t start = 7, room = sizeof(line) - start - 1;
	int kept_errno = errno;
	int length = vsnprintf(line + start, room, format, arguments);
	size_t end = start + (length < 0 ? 0 : (size_t)length < room ? (size_t)length : room - 1);

	line[end++] = '\n';
	if (uncancelled_write(STDERR_FILENO, line, end) < 0) {
		/* Nobody is listening. There is nothing better to do. */
	}
	errno = kept_errno;
}

void slab_log(const char *format, ...)
{
	va_list arguments;

	va_start(arguments, format);
	say(format, arguments);
	va_end(arguments);
}

void slab_panic(const char *format, ...)
{
	va_list arguments;

	va_start(arguments, format);
	say(format, arguments);
	va_end(arguments);
	abort();
}

void slab_assert_failed(const char *condition, const char *file, int line)
{
	slab_panic("internal error: %s does not hold at %s:%d", condition, file, line);
}

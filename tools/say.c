/*
 * say.c: one line, in one write, whatever a file name or a trace contains.
 */
#include "say.h"

#include <ctype.h>
#include <stdarg.h>
#include <stdio.h>

/* A line break or an escape sequence in a file's name must not break the line. */
static void make_printable(char *text)
{
	for (; *text != '\0'; text++)
		if (iscntrl((unsigned char)*text))
			*text = '?';
}

void say(const char *format, ...)
{
	char line[1024];
	va_list arguments;

	va_start(arguments, format);
	vsnprintf(line, sizeof(line), format, arguments);
	va_end(arguments);
	make_printable(line);
	fprintf(stderr, "ukmem: %s\n", line);
}

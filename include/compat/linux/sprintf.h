/* linux/sprintf.h: texts of kmalloc's memory, formatted as the C library does. */
#ifndef UKMEM_COMPAT_SPRINTF_H
#define UKMEM_COMPAT_SPRINTF_H

#if __has_include_next(<linux/sprintf.h>)
#include_next <linux/sprintf.h>
#endif

#include <linux/slab.h>
#include <stdarg.h>
#include <stdio.h>

static inline __attribute__((format(printf, 2, 0)))
char *kvasprintf(gfp_t gfp, const char *format, va_list arguments)
{
	va_list again;
	int length;
	char *text;

	va_copy(again, arguments);
	length = vsnprintf(NULL, 0, format, again);
	va_end(again);
	text = length >= 0 ? kmalloc((size_t)length + 1, gfp) : NULL;
	if (text != NULL)
		vsnprintf(text, (size_t)length + 1, format, arguments);
	return text;
}

static inline __attribute__((format(printf, 2, 3)))
char *kasprintf(gfp_t gfp, const char *format, ...)
{
	va_list arguments;
	char *text;

	va_start(arguments, format);
	text = kvasprintf(gfp, format, arguments);
	va_end(arguments);
	return text;
}

#endif

/*
 * number.h: decimal numbers in options and in what the system says. Not strtoul: a small
 * program may have no other use for its pages.
 */
#ifndef BASE_NUMBER_H
#define BASE_NUMBER_H

#include "base/compiler.h"

/* One to nine digits, up to @end at most (NULL: it ends by itself); *@text moves behind them. */
static inline bool read_number(const char **text, const char *end, unsigned *out)
{
	const char *first = *text;
	unsigned n = 0;

	for (; *text != end && **text >= '0' && **text <= '9'; ++*text)
		n = n * 10 + (unsigned)(**text - '0');
	*out = n;
	return *text != first && *text - first <= 9;
}

/* All of the text is one, and at most @max; else *@out stays. */
static inline bool is_number(const char *text, size_t length, unsigned max, unsigned *out)
{
	const char *end = text + length;
	unsigned n;

	if (!read_number(&text, end, &n) || text != end || n > max)
		return false;
	*out = n;
	return true;
}

#endif

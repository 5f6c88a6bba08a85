/*
 * shown.h: a cache's name as tables and tools print it. A table has a cache a line and
 * blanks between its words, and a terminal obeys what is not visible: so a byte that is not
 * visible ASCII is shown as `?`, in the library and by all tools alike. (Linux prints any
 * name as it is; its debug builds warn of a blank, since that confuses who reads the table.)
 */
#ifndef BASE_SHOWN_H
#define BASE_SHOWN_H

static inline char shown_byte(char byte)
{
	return byte > ' ' && byte <= '~' ? byte : '?';
}

/* In place; returns @name. */
static inline char *shown(char *name)
{
	for (char *at = name; *at != '\0'; at++)
		*at = shown_byte(*at);
	return name;
}

#endif

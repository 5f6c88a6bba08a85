/*
 * text.h: a text that grows. What a row should be and what it is are both texts.
 */
#ifndef ORACLE_TEXT_H
#define ORACLE_TEXT_H

#include <stddef.h>

struct text {
	char *data;             /* always ends in a NUL once something was added */
	size_t length, room;
};

void text_clear(struct text *text);
void text_free(struct text *text);

void text_add(struct text *text, const char *format, ...) __attribute__((format(printf, 2, 3)));

/* The same as "%ld" and "%s", without the price of a format. */
void text_number(struct text *text, long number);
void text_word(struct text *text, const char *word);

static inline const char *text_of(const struct text *text)
{
	return text->data != NULL ? text->data : "";
}

/* malloc and realloc that end the program when there is no memory. */
void *must_allocate(void *old, size_t bytes);

#endif

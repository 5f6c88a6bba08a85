/*
 * text.c: see text.h.
 */
#include "text.h"

#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

void *must_allocate(void *old, size_t bytes)
{
	void *memory = realloc(old, bytes != 0 ? bytes : 1);

	if (memory == NULL) {
		fprintf(stderr, "ukmem-oracle: out of memory\n");
		exit(2);
	}
	return memory;
}

static void make_room(struct text *text, size_t more)
{
	size_t need = text->length + more + 1;

	if (need <= text->room)
		return;
	text->room = need < 256 ? 256 : need * 2;
	text->data = must_allocate(text->data, text->room);
}

void text_clear(struct text *text)
{
	make_room(text, 0);
	text->length = 0;
	text->data[0] = '\0';
}

void text_free(struct text *text)
{
	free(text->data);
	*text = (struct text){ 0 };
}

static void add_bytes(struct text *text, const char *bytes, size_t length)
{
	make_room(text, length);
	memcpy(text->data + text->length, bytes, length);
	text->length += length;
	text->data[text->length] = '\0';
}

void text_word(struct text *text, const char *word)
{
	add_bytes(text, word, strlen(word));
}

void text_number(struct text *text, long number)
{
	char digits[24];
	size_t at = sizeof(digits);
	unsigned long rest = number < 0 ? 0 - (unsigned long)number : (unsigned long)number;

	do {
		digits[--at] = (char)('0' + rest % 10);
		rest /= 10;
	} while (rest != 0);
	if (number < 0)
		digits[--at] = '-';
	add_bytes(text, digits + at, sizeof(digits) - at);
}

void text_add(struct text *text, const char *format, ...)
{
	va_list arguments;
	int length;

	va_start(arguments, format);
	length = vsnprintf(NULL, 0, format, arguments);
	va_end(arguments);
	if (length < 0)
		return;
	make_room(text, (size_t)length);
	va_start(arguments, format);
	vsnprintf(text->data + text->length, (size_t)length + 1, format, arguments);
	va_end(arguments);
	text->length += (size_t)length;
}

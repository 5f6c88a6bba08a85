/*
 * word.h: the word a replay writes into each object, and finds again when it frees it.
 *
 * It tells of two objects at one place, and of an allocator that writes into objects
 * it has handed out. Objects smaller than the word go without.
 */
#ifndef TOOLS_WORD_H
#define TOOLS_WORD_H

#include <stdbool.h>
#include <stdint.h>
#include <string.h>

/* Different for each record, and unlike a pointer or a small number. */
static inline uint64_t word_of(uint32_t record)
{
	return (record + UINT64_C(1)) * UINT64_C(0x9e3779b97f4a7c15);
}

static inline void word_write(void *object, uint32_t bytes, uint32_t record)
{
	uint64_t word = word_of(record);

	if (bytes >= sizeof(word))
		memcpy(object, &word, sizeof(word));
}

static inline bool word_is_right(const void *object, uint32_t bytes, uint32_t record)
{
	uint64_t word;

	if (bytes < sizeof(word))
		return true;
	memcpy(&word, object, sizeof(word));
	return word == word_of(record);
}

#endif

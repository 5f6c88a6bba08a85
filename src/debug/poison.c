#include "debug/poison.h"

#include <string.h>

/*
 * Most zones are of 8 to 16 bytes, and are looked at four times for each object:
 * calls into the C library would take longer than the work. Words, the last of which may
 * overlap the one before.
 */
enum { WORD = sizeof(uint64_t), HALF = sizeof(uint32_t), WORDS_PAY_MAX = 16 };

static inline uint64_t word_of_bytes(uint8_t value)
{
	return value * UINT64_C(0x0101010101010101);
}

static inline void put_word(uint8_t *at, uint64_t word)
{
	memcpy(at, &word, WORD);
}

static inline uint64_t get_word(const uint8_t *at)
{
	uint64_t word;

	memcpy(&word, at, WORD);
	return word;
}

static inline bool words_pay(size_t count)
{
	return count >= WORD && count <= WORDS_PAY_MAX;
}

static void fill_words(uint8_t *byte, size_t count, uint64_t word)
{
	uint8_t *last = byte + count - WORD;

	for (; byte < last; byte += WORD)
		put_word(byte, word);
	put_word(last, word);
}

/* The zones of small objects. */
static void fill_halves(uint8_t *byte, size_t count, uint64_t word)
{
	memcpy(byte, &word, HALF);
	memcpy(byte + count - HALF, &word, HALF);
}

/* As memset; here, and not in a header: with a bound that the compiler knows it is a slow "rep stos". */
void fill(void *bytes, size_t count, uint8_t value)
{
	if (words_pay(count))
		fill_words(bytes, count, word_of_bytes(value));
	else if (count >= HALF && count < WORD)
		fill_halves(bytes, count, word_of_bytes(value));
	else
		memset(bytes, value, count);
}

static bool words_are(const uint8_t *byte, size_t count, uint8_t value)
{
	const uint8_t *last = byte + count - WORD;
	uint64_t word = word_of_bytes(value), other = get_word(last) ^ word;

	for (; byte < last; byte += WORD)
		other |= get_word(byte) ^ word;
	return other == 0;
}

static bool halves_are(const uint8_t *byte, size_t count, uint8_t value)
{
	uint32_t first, last, half = (uint32_t)word_of_bytes(value);

	memcpy(&first, byte, HALF);
	memcpy(&last, byte + count - HALF, HALF);
	return ((first ^ half) | (last ^ half)) == 0;
}

/*
 * All alike, if the first line's worth is and each byte is like the one a line before: memcmp is
 * what is fastest, and both its sides cross lines at the same bytes.
 */
static bool all_are(const uint8_t *byte, size_t count, uint8_t value)
{
	if (count <= CACHE_LINE_BYTES)
		return words_are(byte, count, value);
	return words_are(byte, CACHE_LINE_BYTES, value) &&
	       memcmp(byte, byte + CACHE_LINE_BYTES, count - CACHE_LINE_BYTES) == 0;
}

const uint8_t *first_other(const void *bytes, size_t count, uint8_t value)
{
	const uint8_t *byte = bytes, *end = byte + count;

	if (count >= WORD ? all_are(byte, count, value) :
	    count >= HALF && halves_are(byte, count, value))
		return NULL;
	while (byte < end && *byte == value)
		byte++;
	return byte < end ? byte : NULL;
}

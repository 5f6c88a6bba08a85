/*
 * debug/poison.c: one wrong byte among bytes that are alike is found, and no byte too many written.
 */
#include "debug/poison.h"

#include <string.h>

#include "harness/test.h"

enum { VALUE = POISON_FREE, AROUND = 16, COUNT_MAX = 300, STARTS = 9 };

static uint8_t room[AROUND + STARTS + COUNT_MAX + AROUND];

/* Counts around what is done by bytes, by words and by lines, and from odd places too. */
TEST(one_other_byte_is_found_wherever_it_is)
{
	for (unsigned start = 0; start < STARTS; start++)
		for (size_t count = 0; count <= COUNT_MAX; count++) {
			uint8_t *bytes = &room[AROUND + start];

			memset(room, 0, sizeof(room));
			memset(bytes, VALUE, count);
			EXPECT(first_other(bytes, count, VALUE) == NULL);
			for (size_t at = 0; at < count; at++) {
				bytes[at] ^= 0x80;
				EXPECT(first_other(bytes, count, VALUE) == &bytes[at]);
				bytes[at] ^= 0x80;
			}
		}
}

TEST(of_two_other_bytes_the_first_is_found)
{
	memset(room, VALUE, sizeof(room));
	for (size_t at = 0; at + 1 < COUNT_MAX; at++) {
		room[at] = room[COUNT_MAX - 1] = 0;
		EXPECT(first_other(room, COUNT_MAX, VALUE) == &room[at]);
		room[at] = VALUE;
	}
}

TEST(all_alike_and_yet_other_is_other)
{
	memset(room, VALUE + 1, sizeof(room));
	for (size_t count = 1; count <= COUNT_MAX; count++)
		EXPECT(first_other(room, count, VALUE) == room);
}

TEST(a_fill_ends_where_it_should)
{
	for (unsigned start = 0; start < STARTS; start++)
		for (size_t count = 0; count <= COUNT_MAX; count++) {
			uint8_t *bytes = &room[AROUND + start];

			memset(room, 0, sizeof(room));
			fill(bytes, count, VALUE);
			EXPECT(first_other(bytes, count, VALUE) == NULL);
			EXPECT(first_other(room, AROUND + start, 0) == NULL);
			EXPECT(first_other(bytes + count, sizeof(room) - AROUND - start - count, 0) == NULL);
		}
}

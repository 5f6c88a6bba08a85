#include "debug/poison.h"

#include <ukmem/slab.h>

#include <string.h>

bool is_poisoned(const struct slab_layout *layout)
{
	return (layout->checks & SLAB_POISON) != 0;
}

/* By words, since every allocation comes here. */
const uint8_t *first_other(const void *bytes, size_t count, uint8_t value)
{
	const uint8_t *byte = bytes, *end = byte + count;
	uint64_t pattern = value * UINT64_C(0x0101010101010101), word;

	for (; (size_t)(end - byte) >= sizeof(word); byte += sizeof(word)) {
		memcpy(&word, byte, sizeof(word));
		if (word != pattern)
			break;
	}
	for (; byte < end; byte++)
		if (*byte != value)
			return byte;
	return NULL;
}

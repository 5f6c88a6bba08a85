/*
 * poison.h: patterns for memory that is nobody's, and memory nobody has written yet.
 *
 * A freed object is filled with POISON_FREE; when it is handed out again a byte that
 * differs was written after the free. What is handed out is filled with POISON_INUSE,
 * so that reading what one has not written shows.
 */
#ifndef DEBUG_POISON_H
#define DEBUG_POISON_H

#include <ukmem/slab.h>

#include "debug/table.h"

/* Linux's values. */
enum { POISON_INUSE = 0x5a, POISON_FREE = 0x6b };

/* What is handed out shows POISON_FREE behind so many bytes: one pass less over large objects. */
enum { POISON_FRESH_MAX = 256 };

/* Objects whose readers may come late, and so must stay readable, are not poisoned. */
static inline bool is_poisoned(const struct slab_layout *layout)
{
	return (layout->checks & SLAB_POISON) != 0;
}

/* memset, for counts that are small but not constant. */
void fill(void *bytes, size_t count, uint8_t value);

/* The first of @count bytes that is not @value, or NULL. */
const uint8_t *first_other(const void *bytes, size_t count, uint8_t value);

#endif

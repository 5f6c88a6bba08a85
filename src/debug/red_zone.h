/*
 * red_zone.h: bytes around an object that nobody may write.
 *
 *     ... | zone | object, as far as asked for | zone | next object
 *           8                                    8 and what alignment adds
 *
 * Objects of up to 40 bytes have zones of 4 and 4: with 8 and 8 they would take more than
 * twice what plain ones do (docs/decisions/0008).
 *
 * The zone behind begins at the first byte that was not asked for, so with kmalloc(18)
 * bytes 18 and 19 of the 32 tell. At most 128 bytes from there on are written
 * and looked at, and 16 where the object of 32 ends.
 */
#ifndef DEBUG_RED_ZONE_H
#define DEBUG_RED_ZONE_H

#include "debug/table.h"

enum { ZONE_NEAR_MAX = 128, ZONE_FAR_MAX = 16, ZONE_SMALL_OBJECT = 40 };

/* Between two objects, at least. */
static inline unsigned zone_gap(unsigned object_size)
{
	return object_size <= ZONE_SMALL_OBJECT ? 8 : 16;
}

/* Linux's values. */
enum { RED_INACTIVE = 0xbb, RED_ACTIVE = 0xcc };

void zones_paint(const struct object *object, size_t size, uint8_t value);

/* The first byte that is not @value, or NULL. */
const uint8_t *zones_check(const struct object *object, size_t size, uint8_t value);

#endif

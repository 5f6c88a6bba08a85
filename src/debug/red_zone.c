#include "debug/red_zone.h"

#include <string.h>

#include "base/bits.h"
#include "debug/poison.h"

/* @size may come from a table that was overwritten. */
static size_t behind_bytes(const struct object *object, size_t size)
{
	if (size > object->layout->object_size)
		return 0;
	return min_size(object->layout->size - ZONE_BEFORE_BYTES - size, ZONE_BEHIND_MAX);
}

void zones_paint(const struct object *object, size_t size, uint8_t value)
{
	memset(object->start - ZONE_BEFORE_BYTES, value, ZONE_BEFORE_BYTES);
	fill(object->start + size, behind_bytes(object, size), value);
}

const uint8_t *zones_check(const struct object *object, size_t size, uint8_t value)
{
	const uint8_t *bad = first_other(object->start - ZONE_BEFORE_BYTES, ZONE_BEFORE_BYTES,
					 value);

	if (bad != NULL)
		return bad;
	return first_other(object->start + size, behind_bytes(object, size), value);
}

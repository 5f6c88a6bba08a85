#include "debug/red_zone.h"

#include <string.h>

#include "base/bits.h"
#include "debug/poison.h"

/*
 * From the object's @size bytes to the next one's zone. @size may come from a table that
 * was overwritten.
 */
static size_t behind_bytes(const struct object *object, size_t size)
{
	if (size > object->layout->object_size)
		return 0;
	return object->layout->size - ZONE_BEFORE_BYTES - size;
}

/* What begins where the object itself ends, when that is beyond what is near. */
static size_t far_bytes(const struct object *object, size_t size)
{
	size_t behind = behind_bytes(object, size);

	if (size + ZONE_NEAR_MAX >= object->layout->object_size || behind == 0)
		return 0;
	return min_size(behind_bytes(object, object->layout->object_size), ZONE_FAR_MAX);
}

static size_t near_bytes(const struct object *object, size_t size)
{
	return min_size(behind_bytes(object, size), ZONE_NEAR_MAX);
}

void zones_paint(const struct object *object, size_t size, uint8_t value)
{
	size_t far = far_bytes(object, size);

	memset(object->start - ZONE_BEFORE_BYTES, value, ZONE_BEFORE_BYTES);
	fill(object->start + size, near_bytes(object, size), value);
	if (far != 0)
		fill(object->start + object->layout->object_size, far, value);
}

const uint8_t *zones_check(const struct object *object, size_t size, uint8_t value)
{
	size_t far = far_bytes(object, size);
	const uint8_t *bad = first_other(object->start - ZONE_BEFORE_BYTES, ZONE_BEFORE_BYTES,
					 value);

	if (bad == NULL)
		bad = first_other(object->start + size, near_bytes(object, size), value);
	if (bad == NULL && far != 0)
		bad = first_other(object->start + object->layout->object_size, far, value);
	return bad;
}

#include "debug/red_zone.h"

#include "base/bits.h"
#include "debug/poison.h"

static size_t before_bytes(const struct object *object)
{
	return zone_gap(object->layout->object_size) / 2;
}

/*
 * From the object's @size bytes to the next one's zone. @size may come from a table that
 * was overwritten.
 */
static size_t behind_bytes(const struct object *object, size_t size)
{
	if (size > object->layout->object_size)
		return 0;
	return object->layout->size - before_bytes(object) - size;
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
	size_t far = far_bytes(object, size), before = before_bytes(object);

	fill(object->start - before, before, value);
	fill(object->start + size, near_bytes(object, size), value);
	if (far != 0)
		fill(object->start + object->layout->object_size, far, value);
}

const uint8_t *zones_check(const struct object *object, size_t size, uint8_t value)
{
	size_t far = far_bytes(object, size), before = before_bytes(object);
	const uint8_t *bad = first_other(object->start - before, before, value);

	if (bad == NULL)
		bad = first_other(object->start + size, near_bytes(object, size), value);
	if (bad == NULL && far != 0)
		bad = first_other(object->start + object->layout->object_size, far, value);
	return bad;
}

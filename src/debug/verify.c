/*
 * verify.c: all objects of a slab, looked at while other threads go on.
 *
 * Called under the node's lock, so the free list stands still. Of what others may do meanwhile:
 *
 *   - What the list offers stays free, and what is held back as it was painted, until the
 *     lock is free. A free object that is not on the list is on its way to or from somebody,
 *     and may be his already: it is passed over.
 *   - A live one may be freed or resized. Its word tells, before and after.
 */
#include "debug/debug.h"

#include "debug/poison.h"
#include "debug/red_zone.h"
#include "debug/finding.h"

static size_t note(const struct object *object, const char *what, const uint8_t *bad,
		      uint8_t wanted)
{
	struct finding finding;

	finding_begin(&finding, "%s ", what);
	finding_object(&finding, object);
	if (bad != NULL)
		finding_bytes(&finding, object, bad, wanted);
	finding_tracks(&finding, object, __builtin_return_address(0));
	finding_end(&finding);
	return 1;
}

static const uint8_t *zones_of(const struct object *object, size_t size, uint8_t wanted)
{
	return object->layout->checks & SLAB_RED_ZONE ? zones_check(object, size, wanted) : NULL;
}

static size_t report_zone(const struct object *object, const uint8_t *bad, uint8_t wanted)
{
	if (bad == NULL)
		return 0;
	return note(object, (const char *)bad < object->start ? "write before the start of" :
		       "write past the end of", bad, wanted);
}

static size_t verify_live(const struct object *object, uint32_t word)
{
	const uint8_t *zone = zones_of(object, size_in(word), RED_ACTIVE);

	return zone != NULL && entry_is_still(object->entry, word) ?
	       report_zone(object, zone, RED_ACTIVE) : 0;
}

static size_t verify_free(const struct object *object)
{
	const uint8_t *poison = NULL;

	if (is_poisoned(object->layout))
		poison = first_other(object->start, object->layout->object_size, POISON_FREE);
	if (poison != NULL)
		return note(object, "write after free of", poison, POISON_FREE);
	return report_zone(object, zones_of(object, object->layout->object_size, RED_INACTIVE),
			   RED_INACTIVE);
}

static size_t verify_object(const struct object *object, bool is_listed)
{
	uint32_t word = atomic_load_explicit(&object->entry->word, memory_order_acquire);

	if (state_in(word) == OBJECT_LIVE)
		return verify_live(object, word);
	return is_listed || state_in(word) == OBJECT_HELD ? verify_free(object) : 0;
}

/* What the free list offers must be free by the table too, and offered once. */
static size_t verify_list(const struct slab_layout *layout, const struct page *slab,
			  bool *listed)
{
	size_t found = 0;

	for (unsigned i = slab->active; i < layout->num; i++) {
		unsigned index = slab->freelist[i];
		struct object object = object_at(layout, slab, index % layout->num);
		bool free = state_in(atomic_load(&object.entry->word)) == OBJECT_FREE;

		if (index >= layout->num || listed[index] || !free)
			found += note(&object, "free list overwritten: it offers", NULL, 0);
		else
			listed[index] = true;
	}
	return found;
}

size_t debug_verify_slab(const struct page *slab)
{
	const struct slab_layout *layout = slab->layout;
	bool listed[SLAB_OBJECTS_MAX] = { false };
	size_t found = verify_list(layout, slab, listed);

	for (unsigned i = 0; i < layout->num; i++) {
		struct object object = object_at(layout, slab, i);

		found += verify_object(&object, listed[i]);
	}
	return found;
}

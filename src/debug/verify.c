/*
 * verify.c: all objects of a slab, looked at while other threads go on.
 *
 * Called under the node's lock, so the free list stands still. An object that changes
 * hands while it is looked at is passed over: its state tells, before and after.
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

static const uint8_t *bad_zone(const struct object *object, uint32_t word, uint8_t *wanted)
{
	bool live = state_in(word) == OBJECT_LIVE;

	*wanted = live ? RED_ACTIVE : RED_INACTIVE;
	if (!(object->layout->checks & SLAB_RED_ZONE))
		return NULL;
	return zones_check(object, live ? size_in(word) : object->layout->object_size, *wanted);
}

static size_t verify_object(const struct object *object)
{
	uint32_t word = atomic_load_explicit(&object->entry->word, memory_order_acquire);
	const uint8_t *zone, *poison = NULL;
	uint8_t wanted;

	if (state_in(word) == OBJECT_BUSY)
		return 0;
	zone = bad_zone(object, word, &wanted);
	if (state_in(word) != OBJECT_LIVE && is_poisoned(object->layout))
		poison = first_other(object->start, object->layout->object_size, POISON_FREE);
	if (atomic_load_explicit(&object->entry->word, memory_order_acquire) != word)
		return 0;
	if (poison != NULL)
		return note(object, "write after free of", poison, POISON_FREE);
	if (zone == NULL)
		return 0;
	return note(object, (const char *)zone < object->start ? "write before the start of" :
		       "write past the end of", zone, wanted);
}

/* What the free list offers must be free by the table too, and offered once. */
static size_t verify_list(const struct slab_layout *layout, const struct page *slab)
{
	bool seen[SLAB_OBJECTS_MAX] = { false };
	size_t found = 0;

	for (unsigned i = slab->active; i < layout->num; i++) {
		unsigned index = slab->freelist[i];
		struct object object = object_at(layout, slab, index % layout->num);
		bool free = state_in(atomic_load(&object.entry->word)) == OBJECT_FREE;

		if (index >= layout->num || seen[index] || !free)
			found += note(&object, "free list overwritten: it offers", NULL, 0);
		else
			seen[index] = true;
	}
	return found;
}

size_t debug_verify_slab(const struct page *slab)
{
	const struct slab_layout *layout = slab->layout;
	size_t found = verify_list(layout, slab);

	for (unsigned i = 0; i < layout->num; i++) {
		struct object object = object_at(layout, slab, i);

		found += verify_object(&object);
	}
	return found;
}

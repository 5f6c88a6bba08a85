/*
 * owners.c: see owners.h.
 */
#include "owners.h"

enum { ENTRY_BYTES_MAX = 256, STATE_BITS = 3, TRACK_BITS = (1 << 22) - 1 };

struct owner_tables owner_tables_of(struct target *target, const struct cache_view *cache)
{
	struct owner_tables tables = { 0 };
	uint64_t lead, end;

	if (!target->field[F_LAYOUT_LEAD].known || !target->field[F_ENTRY_WORD].known ||
	    cache->num == 0)
		return tables;
	lead = target_number(target, cache->layout, F_LAYOUT_LEAD);
	end = target_number(target, cache->layout, F_LAYOUT_LIST_OFFSET);
	if (lead == 0 || end / cache->num > ENTRY_BYTES_MAX || end / cache->num < 4)
		return tables;
	tables.known = true;
	tables.entry_bytes = (uint32_t)(end / cache->num);
	tables.tracked = (target_number(target, cache->layout, F_LAYOUT_CHECKS) &
			  value_of(target, F_STORE_USER)) != 0;
	return tables;
}

static struct track_view view_track(const struct target *target, const uint8_t *entry,
				    size_t size, enum field which)
{
	uint64_t at = value_of(target, which);

	if (at >= size)
		return (struct track_view){ 0 };
	entry += at;
	size -= at;
	return (struct track_view){
		.stack = (uint32_t)bytes_number(target, entry, size, F_TRACK_STACK) & TRACK_BITS,
		.thread = (uint32_t)bytes_number(target, entry, size, F_TRACK_THREAD) & TRACK_BITS,
	};
}

bool owner_read(struct target *target, const struct owner_tables *tables, uint64_t slab,
		uint32_t index, struct owner_view *owner)
{
	uint8_t entry[ENTRY_BYTES_MAX];
	size_t size = tables->entry_bytes;
	uint64_t state;

	*owner = (struct owner_view){ 0 };
	if (!target_read(target, slab + (uint64_t)index * size, entry, size))
		return false;
	state = bytes_number(target, entry, size, F_ENTRY_WORD) & STATE_BITS;
	owner->is_held = state == value_of(target, F_OBJECT_HELD);
	owner->is_taken = !owner->is_held && state != value_of(target, F_OBJECT_FREE);
	owner->is_tracked = tables->tracked;
	if (tables->tracked) {
		owner->allocated = view_track(target, entry, size, F_ENTRY_ALLOCATED);
		owner->freed = view_track(target, entry, size, F_ENTRY_FREED);
	}
	return true;
}

size_t owner_stack(struct target *target, uint32_t number, uint64_t frame[OWNER_FRAMES_MAX])
{
	uint64_t depot, count, at;

	if (number == 0 || !target->field[F_DEPOT_MEMORY].known)
		return 0;
	depot = target_variable(target, F_DEPOT_MEMORY);
	at = depot + (uint64_t)number * 8;
	count = depot != 0 ? target_number(target, at, F_DEPOT_COUNT) : 0;
	if (count > OWNER_FRAMES_MAX ||
	    !target_read(target, at + value_of(target, F_DEPOT_FRAMES), frame, count * 8))
		return 0;
	return count;
}

/*
 * runs.c: the page descriptors of all zones, in order.
 *
 * Lists in the target change while it runs; the descriptors stand still, in an array
 * beside each zone, so they are what is walked. They are fetched in chunks.
 */
#include "runs.h"

#include <stdlib.h>
#include <string.h>

enum { CHUNK_PAGES = 512, ORDER_MAX = 20 };

struct zone_view {
	uint64_t base, map, committed_pages;
	uint32_t number;
};

static struct zone_view view_zone(struct target *target, uint32_t number)
{
	uint64_t at = value_of(target, F_ZONES) + number * (uint64_t)target->field[F_ZONE].size;

	return (struct zone_view){
		.base = target_number(target, at, F_ZONE_BASE),
		.map = target_number(target, at, F_ZONE_MAP),
		.committed_pages = target_number(target, at, F_ZONE_COMMITTED),
		.number = number,
	};
}

static enum run_state state_of(const struct target *target, uint64_t state)
{
	if (state == value_of(target, F_PAGE_SLAB))
		return RUN_SLAB;
	if (state == value_of(target, F_PAGE_FREE))
		return RUN_FREE;
	if (state == value_of(target, F_PAGE_TAKEN))
		return RUN_TAKEN;
	if (target->field[F_PAGE_AWAY].known && state == value_of(target, F_PAGE_AWAY))
		return RUN_AWAY;
	return state == value_of(target, F_PAGE_PURGING) ? RUN_PURGING : RUN_ODD;
}

/* @left: pages up to the end of what is committed. */
static void view_run(const struct target *target, const struct zone_view *zone, uint64_t number,
		     const uint8_t *page, size_t size, struct run_view *run)
{
	uint64_t order = bytes_number(target, page, size, F_PAGE_ORDER);
	uint64_t map = value_of(target, F_PAGE_FREE_MAP);

	*run = (struct run_view){
		.address = zone->base + (number << 12),
		.pages = 1,
		.zone = zone->number,
		.state = state_of(target, bytes_number(target, page, size, F_PAGE_STATE)),
	};
	if (run->state == RUN_ODD || order > ORDER_MAX ||
	    (UINT64_C(1) << order) > zone->committed_pages - number) {
		run->state = RUN_ODD;
		return;
	}
	run->pages = UINT64_C(1) << order;
	run->dirty = bytes_number(target, page, size, F_PAGE_DIRTY) != 0;
	run->layout = bytes_number(target, page, size, F_PAGE_LAYOUT);
	if (target->field[F_PAGE_COLOUR].known)
		run->colour = (uint32_t)bytes_number(target, page, size, F_PAGE_COLOUR);
	else if (target->field[F_PAGE_S_MEM].known)
		run->s_mem = bytes_number(target, page, size, F_PAGE_S_MEM);
	run->freelist = bytes_number(target, page, size, F_PAGE_FREELIST);
	run->active = (uint32_t)bytes_number(target, page, size, F_PAGE_ACTIVE);
	if (map <= size && size - map >= sizeof(run->free_map))
		memcpy(run->free_map, page + map, sizeof(run->free_map));
}

/* False when the visitor has had enough, or there is nothing more to be read. */
static bool walk_chunk(struct target *target, const struct zone_view *zone, uint64_t *number,
		       uint8_t *pages, run_visitor *visit, void *context)
{
	size_t size = target->field[F_PAGE].size;
	uint64_t first = *number, count = zone->committed_pages - first;

	if (count > CHUNK_PAGES)
		count = CHUNK_PAGES;
	if (!target_read(target, zone->map + first * size, pages, count * size))
		return false;
	while (*number < first + count) {
		struct run_view run;

		view_run(target, zone, *number, pages + (*number - first) * size, size, &run);
		if (run.state != RUN_AWAY && !visit(context, &run))
			return false;
		*number += run.pages;
	}
	return true;
}

void runs_walk(struct target *target, const struct snapshot *snapshot, run_visitor *visit,
	       void *context)
{
	size_t size = target->field[F_PAGE].size;
	uint8_t *pages = size != 0 && size <= STRUCT_BYTES_MAX ? malloc(CHUNK_PAGES * size) : NULL;

	for (uint32_t number = 0; number < snapshot->zones && pages != NULL; number++) {
		struct zone_view zone = view_zone(target, number);
		uint64_t page = 0;

		while (page < zone.committed_pages &&
		       walk_chunk(target, &zone, &page, pages, visit, context))
			;
	}
	free(pages);
}

static bool in_zone(struct target *target, const struct zone_view *zone, uint64_t address,
		    struct run_view *run)
{
	uint64_t number = (address - zone->base) >> 12;
	struct record page;

	if (address < zone->base || number >= zone->committed_pages ||
	    !record_fetch(target, &page, zone->map + number * target->field[F_PAGE].size, F_PAGE))
		return false;
	if (record_number(target, &page, F_PAGE_STATE) == value_of(target, F_PAGE_TAIL)) {
		uint64_t back = record_number(target, &page, F_PAGE_HEAD_DISTANCE);

		number -= back <= number ? back : 0;
		if (!record_fetch(target, &page, zone->map +
				  number * target->field[F_PAGE].size, F_PAGE))
			return false;
	}
	view_run(target, zone, number, page.bytes, page.size, run);
	return true;
}

bool run_of_address(struct target *target, const struct snapshot *snapshot, uint64_t address,
		    struct run_view *run)
{
	for (uint32_t number = 0; number < snapshot->zones; number++) {
		struct zone_view zone = view_zone(target, number);

		if (in_zone(target, &zone, address, run))
			return true;
	}
	return false;
}

uint64_t slab_first(const struct cache_view *cache, const struct run_view *slab)
{
	if (slab->s_mem != 0)
		return slab->s_mem;
	return slab->address + cache->lead + (uint64_t)slab->colour * cache->colour_off;
}

unsigned fullness_of(const struct cache_view *cache, const struct run_view *slab)
{
	if (slab->active == 0 || cache->num == 0)
		return 0;
	if (slab->active >= cache->num)
		return FULLNESSES - 1;
	return 1 + (unsigned)((uint64_t)slab->active * 9 / cache->num);
}

struct fullness {
	const struct cache_view *cache;
	uint64_t *counts;
};

static bool count_slab(void *context, const struct run_view *run)
{
	struct fullness *fullness = context;

	if (run->state == RUN_SLAB && run->layout == fullness->cache->layout)
		fullness->counts[fullness_of(fullness->cache, run)]++;
	return true;
}

void fullness_count(struct target *target, const struct snapshot *snapshot,
		    const struct cache_view *cache, uint64_t counts[FULLNESSES])
{
	struct fullness fullness = { cache, counts };

	memset(counts, 0, FULLNESSES * sizeof(*counts));
	runs_walk(target, snapshot, count_slab, &fullness);
}

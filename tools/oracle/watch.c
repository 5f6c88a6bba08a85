/*
 * watch.c: see watch.h.
 */
#include "watch.h"

#include <stdlib.h>
#include <string.h>

#include "cache/cache.h"
#include "slab/slab.h"

void watch_free(struct watch *watch)
{
	free(watch->seen);
	*watch = (struct watch){ 0 };
}

static void make_room(struct watch *watch, uint32_t serial)
{
	uint32_t room = watch->room;

	if (serial < room)
		return;
	watch->room = (serial + 1) * 2;
	watch->seen = must_allocate(watch->seen, watch->room * sizeof(*watch->seen));
	memset(watch->seen + room, 0, (watch->room - room) * sizeof(*watch->seen));
}

/* Births of one look, by serial; lists hold them in any order. */
struct births {
	const struct page **slab;
	size_t count, room;
};

static void note_birth(struct births *births, const struct page *slab)
{
	if (births->count == births->room) {
		births->room = births->room * 2 + 64;
		births->slab = must_allocate(births->slab, births->room * sizeof(*births->slab));
	}
	births->slab[births->count++] = slab;
}

static int by_serial(const void *a, const void *b)
{
	uint32_t left = (*(const struct page *const *)a)->serial;
	uint32_t right = (*(const struct page *const *)b)->serial;

	return left < right ? -1 : left > right;
}

static void look_at(struct watch *watch, struct list *list, struct births *births)
{
	list_for_each(node, list) {
		const struct page *slab = list_entry(node, struct page, list);

		make_room(watch, slab->serial);
		if (watch->seen[slab->serial] == 0)
			note_birth(births, slab);
		watch->seen[slab->serial] = watch->look;
	}
}

static void begin_event(struct text *events)
{
	if (events->length != 0)
		text_word(events, " ");
}

static void print_births(struct births *births, struct text *events)
{
	if (births->count > 1)
		qsort(births->slab, births->count, sizeof(*births->slab), by_serial);
	for (size_t i = 0; i < births->count; i++) {
		const struct page *slab = births->slab[i];

		begin_event(events);
		text_add(events, "+%u@n%u.c%td", slab->serial, page_node(slab),
			 slab_first(slab->layout, slab) - (char *)page_address(slab));
	}
}

static void print_deaths(struct watch *watch, struct text *events)
{
	for (uint32_t serial = 0; serial < watch->room; serial++) {
		if (watch->seen[serial] == 0 || watch->seen[serial] == watch->look)
			continue;
		watch->seen[serial] = 0;
		begin_event(events);
		text_add(events, "-%u", serial);
	}
}

void watch_look(struct watch *watch, struct kmem_cache *cache, struct text *events)
{
	struct births births = { 0 };

	watch->look++;
	for (unsigned node = 0; node < topology.nodes; node++) {
		struct kmem_cache_node *n = cache_nodes(cache)[node];

		look_at(watch, &n->slabs_full, &births);
		look_at(watch, &n->slabs_partial, &births);
		look_at(watch, &n->slabs_free, &births);
	}
	text_clear(events);
	print_births(&births, events);
	print_deaths(watch, events);
	free(births.slab);
}

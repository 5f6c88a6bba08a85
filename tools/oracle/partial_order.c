/*
 * partial_order.c: see partial_order.h.
 */
#include "partial_order.h"

#include <stdio.h>
#include <stdlib.h>

#include "cache/cache.h"
#include "slab/slab.h"

unsigned arrays_in_use(struct kmem_cache *cache)
{
	unsigned count = 0;

	for (unsigned cpu = 0; cpu < topology.slots; cpu++)
		count += cache->cpu.slot[cpu]->avail != 0;
	return count;
}

static struct page *find_slab(struct list *list, unsigned long serial)
{
	list_for_each(node, list) {
		struct page *slab = list_entry(node, struct page, list);

		if (slab->serial == serial)
			return slab;
	}
	return NULL;
}

static unsigned long list_length(struct list *list)
{
	unsigned long length = 0;

	list_for_each(node, list)
		length++;
	return length;
}

/* @cell is "ORD:active ORD:active ..."; each named slab goes to the tail in turn. */
static bool adopt(struct list *list, const char *cell)
{
	unsigned long count = 0;
	char *end;

	for (; *cell >= '0' && *cell <= '9'; count++) {
		struct page *slab = find_slab(list, strtoul(cell, &end, 10));

		if (slab == NULL || *end != ':' || strtoul(end + 1, &end, 10) != slab->active)
			return false;
		list_remove(&slab->list);
		list_add_tail(list, &slab->list);
		cell = *end == ' ' ? end + 1 : end;
	}
	return *cell == '\0' && count == list_length(list);
}

bool partial_order_adopt(struct kmem_cache *cache, const struct columns *columns,
			 const struct csv_row *row)
{
	for (unsigned node = 0; node < topology.nodes; node++) {
		char name[32];

		snprintf(name, sizeof(name), "n%u_partial", node);
		if (!adopt(&cache_nodes(cache)[node]->slabs_partial,
			   column_cell(columns, row, name)))
			return false;
	}
	return true;
}

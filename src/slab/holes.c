/*
 * holes.c: see holes.h.
 */
#include "slab/holes.h"

bool layout_may_have_holes(const struct slab_layout *layout)
{
	return layout->placement == FREELIST_MAP && layout->zone == NULL && layout->ctor == NULL &&
	       layout->hooks == NULL && !layout->late_readers && layout->lead == 0 && !layout->internal &&
	       layout->gfporder != 0 && layout->gfporder <= HOLE_ORDER_MAX;
}

/* A bit for each page that object @index has a part in. */
static unsigned pages_of_object(const struct slab_layout *layout, size_t first, unsigned index)
{
	size_t start = first + (size_t)index * layout->size;
	unsigned low = (unsigned)(start >> PAGE_SHIFT);
	unsigned high = (unsigned)((start + layout->size - 1) >> PAGE_SHIFT);

	return (2u << high) - (1u << low);
}

static bool is_free(const struct page *slab, unsigned index)
{
	return slab->free_map[index / 64] >> index % 64 & 1;
}

unsigned slab_holes(const struct slab_layout *layout, const struct page *slab)
{
	size_t first = slab_lead(layout, slab);
	unsigned pages = (1u << (1u << layout->gfporder)) - 1;

	for (unsigned i = 0; i < layout->num && pages != 0; i++)
		if (!is_free(slab, i))
			pages &= ~pages_of_object(layout, first, i);
	return pages;
}

void holes_hold(const struct slab_layout *layout, struct page *slab, unsigned pages,
		struct held *held)
{
	size_t first = slab_lead(layout, slab);

	*held = (struct held){ .count = 0 };
	for (unsigned i = 0; i < layout->num; i++) {
		if (!is_free(slab, i) || !(pages & pages_of_object(layout, first, i)))
			continue;
		held->map[i / 64] |= UINT64_C(1) << i % 64;
		held->count++;
	}
	for (unsigned word = 0; word < ARRAY_LENGTH(held->map); word++)
		slab->free_map[word] &= ~held->map[word];
	slab->active += (uint16_t)held->count;
}

void holes_let_go(struct page *slab, const struct held *held)
{
	for (unsigned word = 0; word < ARRAY_LENGTH(held->map); word++)
		slab->free_map[word] |= held->map[word];
	slab->active -= (uint16_t)held->count;
}

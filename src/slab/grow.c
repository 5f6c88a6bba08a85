/*
 * grow.c: pages -> slab, and back.
 */
#include "slab/slab.h"

#include <stdatomic.h>
#include <string.h>

#include "base/check.h"
#include "base/probe.h"
#include "slab/hooks.h"

counter_t slabs_grown, slabs_released;
__thread bool slab_was_grown;

static struct page *take_pages(const struct slab_layout *layout, unsigned node, bool this_node,
			       bool may_block, bool *zeroed)
{
	if (unlikely(layout->zone != NULL))
		return layout->zone->node == node ?
		       zone_take(layout->zone, layout->gfporder, may_block, zeroed) : NULL;
	if (layout->type != 0) {
		struct page *slab = apart_take(layout, node, may_block);

		if (slab != NULL) {
			*zeroed = false;
			return slab;
		}
	}
	if (this_node)
		return pages_alloc(node, layout->gfporder, may_block, zeroed);
	return pages_alloc_any(node, layout->gfporder, may_block, zeroed);
}

struct page *slab_pages(const struct slab_layout *layout, unsigned node, bool this_node,
			bool may_block)
{
	bool zeroed;
	struct page *slab = take_pages(layout, node, this_node, may_block, &zeroed);

	if (unlikely(layout->clears) && slab != NULL && !zeroed)
		memset(page_address(slab), 0, slab_bytes(layout));
	return slab;
}

void slab_pages_free(const struct slab_layout *layout, struct page *slab)
{
	if (page_zone(slab)->emergency || !apart_keep(layout, slab))
		pages_free(slab);
}

/* Where the list of an empty slab is; NULL when an off-slab one is refused. */
static uint8_t *place_list(const struct slab_layout *layout, struct page *slab,
			   bool may_block)
{
	switch (layout->placement) {
	case FREELIST_OBJ:
		return index_to_obj(layout, slab, layout->num - 1);
	case FREELIST_OFF:
		return layout->source->take(layout->freelist_size, page_node(slab), may_block,
					    page_zone(slab)->emergency);
	case FREELIST_ON:
	case FREELIST_MAP:
		break;
	}
	return (uint8_t *)page_address(slab) + layout->list_offset;
}

static void fill_list(const struct slab_layout *layout, struct page *slab)
{
	for (unsigned i = 0; i < layout->num; i++)
		slab->freelist[i] = (uint8_t)i;
	if (layout->random_order != NULL)
		freelist_shuffle(layout, slab);
}

/* A bit for each object. */
static void fill_map(const struct slab_layout *layout, struct page *slab)
{
	for (unsigned word = 0; word < ARRAY_LENGTH(slab->free_map); word++) {
		unsigned first = word * 64;
		unsigned count = layout->num > first ? layout->num - first : 0;

		slab->free_map[word] = count >= 64 ? UINT64_MAX : (UINT64_C(1) << count) - 1;
	}
}

/* Place and fill what tells the free objects; false when its memory is refused. */
static bool make_list(struct slab_layout *layout, struct page *slab, bool may_block)
{
	if (layout->placement == FREELIST_MAP) {
		fill_map(layout, slab);
		return true;
	}
	slab->freelist = place_list(layout, slab, may_block);
	if (slab->freelist == NULL)
		return false;
	fill_list(layout, slab);
	slab->serial = __atomic_fetch_add(&layout->serial_next, 1, __ATOMIC_RELAXED);
	return true;
}

static void construct_objects(const struct slab_layout *layout, struct page *slab)
{
	if (layout->ctor == NULL)
		return;
	for (unsigned i = 0; i < layout->num; i++)
		layout->ctor(index_to_obj(layout, slab, i));
}

/*
 * The constructor may itself allocate, even from this cache: nothing is locked and
 * nobody sees the slab yet.
 */
bool slab_dress(struct slab_layout *layout, struct page *slab, unsigned colour,
		bool may_block)
{
	const struct slab_hooks *hooks = hooks_of(layout);

	slab->colour = (uint16_t)colour;
	if (!make_list(layout, slab, may_block))
		return false;
	slab->active = 0;
	__atomic_store_n(&slab->layout, layout, __ATOMIC_RELEASE);     /* node/holes.c */
	list_init(&slab->list);
	if (layout->page_class != 0)
		set_page_class(page_zone(slab), slab, (size_t)1 << layout->gfporder,
			       layout->page_class);
	construct_objects(layout, slab);
	if (hooks != NULL)
		hooks->new_slab(layout, slab);
	__atomic_store_n(&slab->state, PAGE_SLAB, __ATOMIC_RELEASE);   /* likewise */
	counter_add(&slabs_grown, 1);
	slab_was_grown = true;
	PROBE(grow, layout->name, layout->size, page_node(slab), slab_bytes(layout));
	return true;
}

void (*slab_rcu_hook)(struct page *slab);
void (*slab_owners_hook)(struct page *slab);

void slab_release(struct page *slab)
{
	if (unlikely(slab->layout->late_readers) && slab_rcu_hook != NULL)
		slab_rcu_hook(slab);
	else
		slab_release_now(slab);
}

void slab_release_now(struct page *slab)
{
	struct slab_layout *layout = slab->layout;
	const struct slab_hooks *hooks = hooks_of(layout);

	slab_assert(slab->state == PAGE_SLAB && slab->active == 0);
	if (hooks != NULL && hooks->old_slab != NULL)
		hooks->old_slab(layout, slab);
	if (unlikely(page_zone(slab)->owners != NULL))
		slab_owners_hook(slab);
	if (layout->placement == FREELIST_OFF)
		layout->source->give(slab->freelist);
	if (layout->page_class != 0)
		set_page_class(page_zone(slab), slab, (size_t)1 << layout->gfporder, 0);
	slab->freelist = NULL;
	PAGE_SET(slab, layout, NULL);
	PAGE_SET(slab, state, PAGE_TAKEN);
	counter_add(&slabs_released, 1);
	PROBE(release, layout->name, layout->size, page_node(slab), slab_bytes(layout));
	slab_pages_free(layout, slab);
}

void slab_list_overwritten(const struct page *slab)
{
	slab_panic("cache %s: the free list of slab %p is overwritten: write after free, "
		   "or past the end of an object", slab->layout->name, page_address(slab));
}

void slab_bad_free(const struct page *slab, size_t offset, const char *what)
{
	slab_panic("free of %p, which %s, in cache %s", (char *)page_address(slab) + offset, what,
		   slab->layout->name);
}

static void check_map(const struct slab_layout *layout, const struct page *slab)
{
	unsigned set = 0;

	for (unsigned word = 0; word < ARRAY_LENGTH(slab->free_map); word++)
		set += (unsigned)__builtin_popcountl(slab->free_map[word]);
	slab_assert(set == layout->num - slab->active);                               /* S5 */
}

static void check_list(const struct slab_layout *layout, const struct page *slab)
{
	bool seen[SLAB_OBJECTS_MAX] = { false };

	slab_assert((slab->freelist == NULL) ==
		    (layout->placement == FREELIST_OBJ && slab->active == layout->num)); /* S4 */
	for (unsigned i = slab->active; i < layout->num; i++) {
		slab_assert(slab->freelist[i] < layout->num && !seen[slab->freelist[i]]); /* S2 */
		seen[slab->freelist[i]] = true;
	}
}

static void check_class(const struct slab_layout *layout, const struct page *slab)
{
	const uint8_t *class = &page_zone(slab)->classes[page_number(page_zone(slab), slab)];

	for (size_t i = 0; i < (size_t)1 << layout->gfporder; i++)
		slab_assert(class[i] == layout->page_class);                          /* S6 */
}

void slab_check(const struct page *slab)
{
	const struct slab_layout *layout = slab->layout;

	slab_assert(slab->state == PAGE_SLAB && slab->active <= layout->num);         /* S1 */
	slab_assert(slab->colour == 0 || slab->colour < layout->colour);              /* S3 */
	check_class(layout, slab);
	if (layout->placement == FREELIST_MAP)
		check_map(layout, slab);
	else
		check_list(layout, slab);
}

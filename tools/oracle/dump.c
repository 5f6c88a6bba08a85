/*
 * dump.c: see dump.h.
 *
 *    #dump ac cpu0: 3.0 3.1                          slab.index, next out last
 *    #dump shared n0: ...                            as the arrays
 *    #dump freelist slab 6 (active 8): 2 1 0         indices, next out first
 *
 * Slabs are those of the partial list, then of the free list ("free" for "active N");
 * with the list in a free object, "freelist_in_obj" says in which.
 */
#include "dump.h"

#include "cache/cache.h"
#include "slab/slab.h"
#include "world.h"

static void print_array(struct text *out, struct kmem_cache *cache,
			const struct array_cache *array)
{
	for (unsigned i = 0; array != NULL && i < array->avail; i++) {
		text_word(out, " ");
		print_place(out, cache, array->entry[i]);
	}
	text_word(out, "\n");
}

static void print_slab(struct text *out, const struct slab_layout *layout,
		       const struct page *slab)
{
	text_add(out, "#dump freelist slab %u (", slab->serial);
	if (slab->active != 0)
		text_add(out, "active %u", slab->active);
	else
		text_word(out, "free");
	if (layout->placement == FREELIST_OBJ)
		text_add(out, " freelist_in_obj %u", obj_to_index(layout, slab, slab->freelist));
	text_word(out, "):");
	for (unsigned i = slab->active; i < layout->num; i++) {
		text_word(out, " ");
		text_number(out, slab->freelist[i]);
	}
	text_word(out, "\n");
}

static void print_slabs(struct text *out, const struct slab_layout *layout, struct list *list)
{
	list_for_each(node, list)
		print_slab(out, layout, list_entry(node, struct page, list));
}

void dump_print(struct text *out, struct kmem_cache *cache)
{
	text_clear(out);
	for (unsigned cpu = 0; cpu < topology.slots; cpu++) {
		text_add(out, "#dump ac cpu%u:", cpu);
		print_array(out, cache, cache->cpu.slot[cpu]);
	}
	for (unsigned node = 0; node < topology.nodes; node++) {
		struct kmem_cache_node *n = cache_nodes(cache)[node];

		text_add(out, "#dump shared n%u:", node);
		print_array(out, cache, n->shared);
		print_slabs(out, &cache->layout, &n->slabs_partial);
		print_slabs(out, &cache->layout, &n->slabs_free);
	}
}

/*
 * totals.c: what malloc's blocks come to.
 */
#include "malloc/heap.h"

/* The stand-in of a class that nobody has used yet is no class's cache. */
static struct kmem_cache *cache_of_class(unsigned class)
{
	struct kmem_cache *cache = __atomic_load_n(&heap_of_id[HEAP_CLASS_FIRST + class],
						   __ATOMIC_ACQUIRE);

	return cache->layout.page_class != 0 ? cache : NULL;
}

void heap_read_class(unsigned class, struct heap_class_totals *totals)
{
	struct kmem_cache *cache = heap_boot() == 0 ? cache_of_class(class) : NULL;

	*totals = (struct heap_class_totals){ 0 };
	if (cache == NULL)
		return;
	totals->active = cache_active_objects(cache);
	totals->per_slab = cache->layout.num;
	totals->slab_bytes = slab_bytes(&cache->layout);
	for (unsigned node = 0; node < topology.nodes; node++) {
		totals->free += PEEK(cache_nodes(cache)[node]->free_objects);
		totals->slabs += PEEK(cache_nodes(cache)[node]->total_slabs);
	}
}

void heap_read_totals(struct heap_totals *totals)
{
	*totals = (struct heap_totals){ 0 };
	if (heap_boot() != 0)
		return;
	for (unsigned class = 0; class < HEAP_CLASSES; class++) {
		struct heap_class_totals one;

		heap_read_class(class, &one);
		totals->class_bytes += one.active * heap_class_bytes(class);
		totals->class_free_bytes += one.free * heap_class_bytes(class);
	}
	totals->run_bytes = runs_total_bytes();
	mappings_total(&totals->mappings, &totals->mapping_bytes);
}

/*
 * dump.c: what an address is in.
 */
#include "base/check.h"
#include "cache/cache.h"

/* The name of the cache, or of the allocator's own, that has this layout. */
static const char *name_of(const struct slab_layout *layout)
{
	const char *name = NULL;

	lock_take(&registry_lock);
	for_each_cache(cache)
		if (&cache->layout == layout)
			name = cache->name;
	lock_drop(&registry_lock);
	for (unsigned kind = 0; kind < META_KINDS; kind++)
		if (&meta_caches[kind].layout == layout)
			name = meta_caches[kind].name;
	return name;
}

PUBLIC bool kmem_dump_obj(const void *address)
{
	const struct page *slab = virt_to_head_page(address);
	const struct slab_layout *layout;
	const char *name, *object;
	unsigned index;

	if (slab == NULL || slab->state != PAGE_SLAB ||
	    (const char *)address < slab_first(slab->layout, slab))
		return false;
	layout = slab->layout;
	name = name_of(layout);
	if (name == NULL)
		return false;
	index = obj_to_index(layout, slab, address);
	if (index >= layout->num)
		return false;
	object = index_to_obj(layout, slab, index);
	slab_log("%p is in %s: object %p, offset %zu, size %u, node %u", address, name,
		 (const void *)object, (size_t)((const char *)address - object),
		 layout->object_size, page_node(slab));
	return true;
}

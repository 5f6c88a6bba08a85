/*
 * check_copy.c: the usercopy window of the object that some bytes are in.
 */
#include <ukmem/debug.h>

#include <errno.h>

#include "cache/cache.h"
#include "slab/hooks.h"

static bool in_window(const struct kmem_cache *cache, const void *object, size_t offset,
		      size_t bytes)
{
	size_t end = cache->useroffset + cache->usersize;
	size_t usable = layout_usable(&cache->layout, object);

	if (end > usable)
		end = usable;           /* kmalloc with checks: as far as was asked for */
	return offset >= cache->useroffset && offset <= end && bytes <= end - offset;
}

PUBLIC int kmem_check_copy(const void *from, size_t bytes)
{
	const struct page *slab = virt_to_head_page(from);
	unsigned index;
	char *object;

	if (slab == NULL || bytes == 0 || slab->state == PAGE_TAKEN)
		return 0;
	if (slab->state != PAGE_SLAB || slab->layout->internal ||
	    (const char *)from < slab_first(slab->layout, slab))
		return -EFAULT;
	index = obj_to_index(slab->layout, slab, from);
	object = index_to_obj(slab->layout, slab, index);
	if (index >= slab->layout->num ||
	    !in_window(cache_of_layout(slab->layout), object,
		       (size_t)((const char *)from - object), bytes))
		return -EFAULT;
	return 0;
}

/*
 * sheaf.c: objects taken in advance.
 */
#include <ukmem/sheaf.h>

#include <errno.h>
#include <string.h>

#include "cache/cache.h"

enum { SHEAF_MAX = 1 << 18 };   /* objects; chosen: a sheaf is at most 2 MiB of pointers */

struct slab_sheaf {
	unsigned capacity;
	unsigned count;
	void *objects[];
};

static struct slab_sheaf *new_sheaf(gfp_t gfp, unsigned capacity)
{
	struct slab_sheaf *sheaf = kmalloc(sizeof(*sheaf) + capacity * sizeof(void *),
					   gfp & ~__GFP_ZERO);

	if (sheaf != NULL)
		*sheaf = (struct slab_sheaf){ .capacity = capacity };
	return sheaf;
}

/* Up to @size objects, all or none of those that lack. */
static int fill(struct kmem_cache *cache, gfp_t gfp, struct slab_sheaf *sheaf, unsigned size)
{
	unsigned lacking = size > sheaf->count ? size - sheaf->count : 0;

	if (lacking != 0 && kmem_cache_alloc_bulk(cache, gfp & ~__GFP_ZERO, lacking,
						  sheaf->objects + sheaf->count) == 0)
		return -ENOMEM;
	sheaf->count += lacking;
	return 0;
}

PUBLIC struct slab_sheaf *kmem_cache_prefill_sheaf(struct kmem_cache *cache, gfp_t gfp,
						   unsigned size)
{
	struct slab_sheaf *sheaf;

	if (size == 0 || size > SHEAF_MAX) {
		errno = EINVAL;
		return NULL;
	}
	sheaf = new_sheaf(gfp, size);
	if (sheaf != NULL && fill(cache, gfp, sheaf, size) != 0) {
		kfree(sheaf);
		sheaf = NULL;
	}
	return sheaf;
}

static int exchange_for_larger(struct kmem_cache *cache, gfp_t gfp, struct slab_sheaf **old,
			       unsigned size)
{
	struct slab_sheaf *sheaf = new_sheaf(gfp, size);
	int error;

	if (sheaf == NULL)
		return -ENOMEM;
	memcpy(sheaf->objects, (*old)->objects, (*old)->count * sizeof(void *));
	sheaf->count = (*old)->count;
	error = fill(cache, gfp, sheaf, size);
	if (error != 0) {
		kfree(sheaf);
		return error;
	}
	kfree(*old);
	*old = sheaf;
	return 0;
}

PUBLIC int kmem_cache_refill_sheaf(struct kmem_cache *cache, gfp_t gfp,
				   struct slab_sheaf **sheaf, unsigned size)
{
	if (sheaf == NULL || *sheaf == NULL || size == 0 || size > SHEAF_MAX)
		return -EINVAL;
	if (size > (*sheaf)->capacity)
		return exchange_for_larger(cache, gfp, sheaf, size);
	return fill(cache, gfp, *sheaf, size);
}

PUBLIC void kmem_cache_return_sheaf(struct kmem_cache *cache, gfp_t gfp UNUSED,
				    struct slab_sheaf *sheaf)
{
	if (sheaf == NULL)
		return;
	kmem_cache_free_bulk(cache, sheaf->count, sheaf->objects);
	kfree(sheaf);
}

PUBLIC void *kmem_cache_alloc_from_sheaf(struct kmem_cache *cache, gfp_t gfp,
					 struct slab_sheaf *sheaf)
{
	void *object;

	if (sheaf->count == 0) {
		errno = ENOMEM;
		return NULL;
	}
	object = sheaf->objects[--sheaf->count];
	if (gfp & __GFP_ZERO)
		memset(object, 0, object_size_of(&cache->layout));
	return object;
}

PUBLIC unsigned kmem_cache_sheaf_size(struct slab_sheaf *sheaf)
{
	return sheaf != NULL ? sheaf->count : 0;
}

/*
 * The same where the array is in use: seen when it is full.
 *
 * Report: ukmem: free of 0x*, which belongs to another cache
 */
#include <ukmem/slab.h>

int main(void)
{
	struct kmem_cache *one = kmem_cache_create("one", 64, 0, 0, NULL);
	struct kmem_cache *other = kmem_cache_create("other", 200, 0, 0, NULL);
	void *objects[1000];

	if (kmem_cache_alloc_bulk(one, GFP_KERNEL, 1000, objects) != 1000)
		return 1;
	kmem_cache_free(other, kmem_cache_alloc(other, GFP_KERNEL));
	kmem_cache_free_bulk(other, 1000, objects);
	return 0;
}

/*
 * An object of one cache is freed into another, which has not been used yet: its
 * array is not there, so the object is looked at.
 *
 * Report: ukmem: free of 0x*, which belongs to another cache
 */
#include <ukmem/slab.h>

int main(void)
{
	struct kmem_cache *one = kmem_cache_create("one", 64, 0, 0, NULL);
	struct kmem_cache *other = kmem_cache_create("other", 200, 0, 0, NULL);

	kmem_cache_free(other, kmem_cache_alloc(one, GFP_KERNEL));
	return 0;
}

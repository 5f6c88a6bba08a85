/*
 * A local variable is freed into a cache.
 *
 * Report: ukmem: free of 0x*, which is in no slab
 */
#include <ukmem/slab.h>

int main(void)
{
	struct kmem_cache *cache = kmem_cache_create("cache", 64, 0, 0, NULL);
	char local[64];

	kmem_cache_free(cache, kmem_cache_alloc(cache, GFP_KERNEL));
	kmem_cache_free(cache, local);
	return 0;
}

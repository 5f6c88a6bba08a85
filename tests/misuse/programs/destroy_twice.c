/*
 * A cache is destroyed a second time.
 *
 * Report: ukmem: kmem_cache_destroy of 0x*, which is no cache
 */
#include <ukmem/slab.h>

int main(void)
{
	struct kmem_cache *cache = kmem_cache_create("cache", 64, 0, 0, NULL);

	kmem_cache_destroy(cache);
	kmem_cache_destroy(cache);
	return 0;
}

/*
 * An object is freed whose slab went back to the page allocator long ago.
 *
 * Report: ukmem: kfree of 0x*, which is in no slab
 */
#include <ukmem/slab.h>

int main(void)
{
	struct kmem_cache *cache = kmem_cache_create("gone", 500, 0, SLAB_TYPESAFE_BY_RCU, NULL);
	void *object = kmem_cache_alloc(cache, GFP_KERNEL);

	kmem_cache_free(cache, object);
	kmem_cache_shrink(cache);
	kfree(object);
	return 0;
}

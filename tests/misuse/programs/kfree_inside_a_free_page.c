/*
 * A pointer into the middle of a large object that is gone. Its first page holds a
 * small slab by now; the page freed is no part of that.
 *
 * Report: ukmem: kfree of 0x*, which is in no slab
 */
#include <ukmem/slab.h>

int main(void)
{
	struct kmem_cache *large = kmem_cache_create("large", 262144, 0, 0, NULL);
	struct kmem_cache *small = kmem_cache_create("small", 500, 0, SLAB_TYPESAFE_BY_RCU, NULL);
	char *object = kmem_cache_alloc(large, GFP_KERNEL);

	kmem_cache_free(large, object);
	kmem_cache_shrink(large);
	for (int i = 0; i < 100; i++)
		if (kmem_cache_alloc(small, GFP_KERNEL) == NULL)
			return 1;
	kfree(object + 63 * 4096 + 64);
	return 0;
}

/*
 * An object is freed again after thousands of others came and went.
 *
 * Report: ukmem: double free of 0x*, a freed object of cache box (64 bytes)
 */
#include <ukmem/slab.h>

int main(void)
{
	struct kmem_cache *box = kmem_cache_create("box", 64, 0, 0, NULL);
	void *object = kmem_cache_alloc(box, GFP_KERNEL);

	kmem_cache_free(box, object);
	for (int i = 0; i < 5000; i++)
		kmem_cache_free(box, kmem_cache_alloc(box, GFP_KERNEL));
	kmem_cache_free(box, object);
	return 0;
}

/*
 * A pointer into the slab's own part is freed.
 *
 * Report: ukmem: free of 0x*, which is between the objects of a slab
 */
#include <ukmem/slab.h>

int main(void)
{
	struct kmem_cache *box = kmem_cache_create("box", 64, 0, 0, NULL);
	char *object = kmem_cache_alloc(box, GFP_KERNEL);

	kmem_cache_free(box, (void *)((size_t)object / 4096 * 4096));
	return 0;
}

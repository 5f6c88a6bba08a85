/*
 * A loop that runs downwards reaches the slab's free list and table.
 *
 * Report: ukmem: free list overwritten: it *
 */
#include <ukmem/debug.h>

int main(void)
{
	struct kmem_cache *box = kmem_cache_create("box", 64, 0, 0, NULL);
	char *object = kmem_cache_alloc(box, GFP_KERNEL), *slab = (char *)((size_t)object / 4096 * 4096);

	for (char *at = slab; at < object - 8; at++)
		*at = 2;
	kmem_cache_alloc(box, GFP_KERNEL);
	kmem_cache_verify(box);
	return 0;
}

/*
 * A local variable is freed into a cache.
 *
 * Report: ukmem: free of 0x*, which is in no slab
 * Report:   found by thread *
 */
#include <ukmem/slab.h>

int main(void)
{
	struct kmem_cache *box = kmem_cache_create("box", 64, 0, 0, NULL);
	char local[64];

	kmem_cache_free(box, local);
	return 0;
}

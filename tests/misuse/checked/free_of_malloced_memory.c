/*
 * The C library's memory is freed into a cache.
 *
 * Report: ukmem: free of 0x*, which is in no slab
 */
#include <stdlib.h>

#include <ukmem/slab.h>

int main(void)
{
	struct kmem_cache *box = kmem_cache_create("box", 64, 0, 0, NULL);

	kmem_cache_free(box, malloc(64));
	return 0;
}

/*
 * Only the bytes right before the next object, which is free, are hit.
 *
 * Report: ukmem: write before the start of 0x*, a freed object of cache box (64 bytes)
 */
#include <ukmem/slab.h>

int main(void)
{
	struct kmem_cache *box = kmem_cache_create("box", 64, 0, 0, NULL);
	char *object = kmem_cache_alloc(box, GFP_KERNEL);

	object[64 + 8] = 'A';
	for (int i = 0; i < 100; i++)
		kmem_cache_alloc(box, GFP_KERNEL);
	return 0;
}

/*
 * The object waits in the quarantine when it is written.
 *
 * Report: ukmem: write after free of 0x*, a freed object of cache box (64 bytes)
 * Report:   byte 50 is 0x41, should be 0x6b; *
 */
#include <ukmem/slab.h>

int main(void)
{
	struct kmem_cache *box = kmem_cache_create("box", 64, 0, 0, NULL);
	char *object = kmem_cache_alloc(box, GFP_KERNEL);

	kmem_cache_free(box, object);
	object[50] = 'A';
	for (int i = 0; i < 100000; i++)
		kmem_cache_free(box, kmem_cache_alloc(box, GFP_KERNEL));
	return 0;
}

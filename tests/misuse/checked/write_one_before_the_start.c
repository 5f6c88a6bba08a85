/*
 * One byte before an object is written.
 *
 * Report: ukmem: write before the start of 0x*, a live object of cache box (64 bytes)
 * Report:   byte -1 is 0x41, should be 0xcc; *
 */
#include <ukmem/slab.h>

int main(void)
{
	struct kmem_cache *box = kmem_cache_create("box", 64, 0, 0, NULL);
	char *object = kmem_cache_alloc(box, GFP_KERNEL);

	object[-1] = 'A';
	kmem_cache_free(box, object);
	return 0;
}

/*
 * One byte behind an object is written.
 *
 * Report: ukmem: write past the end of 0x*, a live object of cache box (64 bytes)
 * Report:   byte 64 is 0x41, should be 0xcc; object * of slab 0x*
 * Report:   allocated by thread *
 */
#include <ukmem/slab.h>

int main(void)
{
	struct kmem_cache *box = kmem_cache_create("box", 64, 0, 0, NULL);
	char *object = kmem_cache_alloc(box, GFP_KERNEL);

	object[64] = 'A';
	kmem_cache_free(box, object);
	return 0;
}

/*
 * Reading too far is found as well.
 *
 * Options: sample:1
 * Report: ukmem: read past the end, byte 64 of 0x*, a live object of cache box (64 bytes)
 */
#include <ukmem/slab.h>

int main(void)
{
	struct kmem_cache *box = kmem_cache_create("box", 64, 0, 0, NULL);
	volatile char *object = kmem_cache_alloc(box, GFP_KERNEL);

	return object[64] == 'A';
	return 0;
}

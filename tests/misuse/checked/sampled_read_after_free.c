/*
 * In production, without checks: this allocation was one of the guarded few.
 *
 * Options: sample:1
 * Report: ukmem: read after free, byte 5 of 0x*, a freed object of cache box (64 bytes)
 * Report:   allocated by thread *
 * Report:   freed by thread *
 */
#include <ukmem/slab.h>

int main(void)
{
	struct kmem_cache *box = kmem_cache_create("box", 64, 0, 0, NULL);
	volatile char *object = kmem_cache_alloc(box, GFP_KERNEL);

	kmem_cache_free(box, (void *)object);
	return object[5] == 'A';
	return 0;
}

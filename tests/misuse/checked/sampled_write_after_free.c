/*
 * A guarded object is written after it was freed.
 *
 * Options: sample:1
 * Report: ukmem: write after free, byte 63 of 0x*, a freed object of cache box (64 bytes)
 * Report:   allocated by thread *
 * Report:   freed by thread *
 */
#include <ukmem/slab.h>

int main(void)
{
	struct kmem_cache *box = kmem_cache_create("box", 64, 0, 0, NULL);
	volatile char *object = kmem_cache_alloc(box, GFP_KERNEL);

	kmem_cache_free(box, (void *)object);
	object[63] = 'A';
	return 0;
}

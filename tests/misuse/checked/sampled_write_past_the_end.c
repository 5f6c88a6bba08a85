/*
 * A guarded object ends where its page ends.
 *
 * Options: sample:1
 * Report: ukmem: write past the end, byte 64 of 0x*, a live object of cache box (64 bytes)
 * Report:   allocated by thread *
 */
#include <ukmem/slab.h>

int main(void)
{
	struct kmem_cache *box = kmem_cache_create("box", 64, 0, 0, NULL);
	volatile char *object = kmem_cache_alloc(box, GFP_KERNEL);

	object[64] = 'A';
	return 0;
}

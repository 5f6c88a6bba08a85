/*
 * Seen when it is freed, since the object stands at its page's end.
 *
 * Options: sample:1
 * Report: ukmem: write before the start, byte -1 of 0x*, a live object of cache box (64 bytes)
 */
#include <ukmem/slab.h>

int main(void)
{
	struct kmem_cache *box = kmem_cache_create("box", 64, 0, 0, NULL);
	volatile char *object = kmem_cache_alloc(box, GFP_KERNEL);

	object[-1] = 'A';
	kmem_cache_free(box, (void *)object);
	return 0;
}

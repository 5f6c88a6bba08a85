/*
 * No option is needed for a cache that asks for checks itself.
 *
 * Options: debug_abort:yes
 * Report: ukmem: write past the end of 0x*, a live object of cache box (64 bytes)
 */
#include <ukmem/slab.h>

int main(void)
{
	struct kmem_cache *box = kmem_cache_create("box", 64, 0, SLAB_RED_ZONE, NULL);
	char *object = kmem_cache_alloc(box, GFP_KERNEL);

	object[64] = 'A';
	kmem_cache_free(box, object);
	return 0;
}

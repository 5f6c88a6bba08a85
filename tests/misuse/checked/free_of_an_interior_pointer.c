/*
 * A member's address is freed instead of the object's.
 *
 * Report: ukmem: free of 0x*, 8 bytes into 0x*, a live object of cache box (64 bytes)
 * Report:   allocated by thread *
 */
#include <ukmem/slab.h>

int main(void)
{
	struct kmem_cache *box = kmem_cache_create("box", 64, 0, 0, NULL);
	char *object = kmem_cache_alloc(box, GFP_KERNEL);

	kmem_cache_free(box, object + 8);
	return 0;
}

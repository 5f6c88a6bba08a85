/*
 * A loop runs far past its object, over the next one's zones.
 *
 * Report: ukmem: write past the end of 0x*, a live object of cache box (64 bytes)
 */
#include <ukmem/slab.h>

int main(void)
{
	struct kmem_cache *box = kmem_cache_create("box", 64, 0, 0, NULL);
	char *object = kmem_cache_alloc(box, GFP_KERNEL);

	for (int i = 0; i < 120; i++)
		object[i] = 'A';
	kmem_cache_free(box, object);
	return 0;
}

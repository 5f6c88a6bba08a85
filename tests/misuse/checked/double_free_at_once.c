/*
 * An object is freed twice in a row.
 *
 * Report: ukmem: double free of 0x*, a freed object of cache box (64 bytes)
 * Report:   found by thread *
 * Report:   allocated by thread *
 * Report:   freed by thread *
 */
#include <ukmem/slab.h>

int main(void)
{
	struct kmem_cache *box = kmem_cache_create("box", 64, 0, 0, NULL);
	void *object = kmem_cache_alloc(box, GFP_KERNEL);

	kmem_cache_free(box, object);
	kmem_cache_free(box, object);
	return 0;
}

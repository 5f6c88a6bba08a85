/*
 * One object stands twice in a bulk free.
 *
 * Report: ukmem: double free of 0x*, a freed object of cache box (64 bytes)
 */
#include <ukmem/slab.h>

int main(void)
{
	struct kmem_cache *box = kmem_cache_create("box", 64, 0, 0, NULL);
	void *objects[3];

	kmem_cache_alloc_bulk(box, GFP_KERNEL, 2, objects);
	objects[2] = objects[0];
	kmem_cache_free_bulk(box, 3, objects);
	return 0;
}

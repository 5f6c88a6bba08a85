/*
 * An object is freed without the state that its constructor gave it.
 *
 * Report: ukmem: constructed state destroyed of 0x*, a live object of cache nodes (64 bytes)
 * Report:   byte 0 is 0x00, should be 0x2a
 */
#include <ukmem/slab.h>

static void construct(void *object)
{
	*(int *)object = 42;
}

int main(void)
{
	struct kmem_cache *nodes = kmem_cache_create("nodes", 64, 0, 0, construct);
	int *node = kmem_cache_alloc(nodes, GFP_KERNEL);

	*node = 0;
	kmem_cache_free(nodes, node);
	return 0;
}

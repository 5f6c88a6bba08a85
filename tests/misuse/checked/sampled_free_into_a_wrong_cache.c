/*
 * A guarded object knows its cache.
 *
 * Options: sample:1
 * Report: ukmem: free into cache other of 0x*, a live object of cache box (64 bytes)
 */
#include <ukmem/slab.h>

int main(void)
{
	struct kmem_cache *box = kmem_cache_create("box", 64, 0, 0, NULL);
	struct kmem_cache *other = kmem_cache_create("other", 200, 0, 0, NULL);

	kmem_cache_free(other, kmem_cache_alloc(box, GFP_KERNEL));
	return 0;
}

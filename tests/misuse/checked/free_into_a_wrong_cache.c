/*
 * An object of one cache is freed into another.
 *
 * Report: ukmem: free of 0x* into cache other, which belongs to another cache, box
 * Report:   allocated by thread *
 */
#include <ukmem/slab.h>

int main(void)
{
	struct kmem_cache *box = kmem_cache_create("box", 64, 0, 0, NULL);
	struct kmem_cache *other = kmem_cache_create("other", 200, 0, 0, NULL);

	kmem_cache_free(other, kmem_cache_alloc(box, GFP_KERNEL));
	return 0;
}

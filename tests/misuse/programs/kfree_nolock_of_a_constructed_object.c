/*
 * The list of those that wait would overwrite what the constructor made.
 *
 * Report: ukmem: kfree_nolock of 0x*, which belongs to a cache with a constructor
 */
#include <ukmem/slab.h>

static void construct(void *object)
{
	*(int *)object = 1;
}

int main(void)
{
	struct kmem_cache *cache = kmem_cache_create("made", 64, 0, 0, construct);

	kfree_nolock(kmem_cache_alloc(cache, GFP_KERNEL));
	return 0;
}

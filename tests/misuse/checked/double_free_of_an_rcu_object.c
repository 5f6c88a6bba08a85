/*
 * Readers may still look at it, but it may not be freed twice.
 *
 * Report: ukmem: double free of 0x*, a freed object of cache rcu (64 bytes)
 */
#include <ukmem/slab.h>

int main(void)
{
	struct kmem_cache *rcu = kmem_cache_create("rcu", 64, 0, SLAB_TYPESAFE_BY_RCU, NULL);
	void *object = kmem_cache_alloc(rcu, GFP_KERNEL);

	kmem_cache_free(rcu, object);
	kmem_cache_free(rcu, object);
	return 0;
}

/*
 * An object is given where a cache is wanted.
 *
 * Report: ukmem: kmem_cache_destroy of 0x*, which is no cache
 */
#include <ukmem/slab.h>

int main(void)
{
	kmem_cache_destroy(kzalloc(4096, GFP_KERNEL));
	return 0;
}

/*
 * A cache that the program can't do without, and a request that can't be met.
 *
 * Report: ukmem: kmem_cache_create(vital) failed: Invalid argument
 */
#include <ukmem/slab.h>

int main(void)
{
	kmem_cache_create("vital", 0, 0, SLAB_PANIC, NULL);
	return 0;
}

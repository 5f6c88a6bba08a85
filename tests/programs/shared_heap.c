/*
 * shared_heap.c: linked with libukmem.so and run on the drop-in: kmem_cache and malloc are
 * one heap, so one table lists both, and kfree takes what malloc gave.
 */
#include <stdlib.h>
#include <string.h>
#include <ukmem/slab.h>

int main(void)
{
	static char table[65536];
	struct kmem_cache *cache = kmem_cache_create("shared-heap", 100, 0, SLAB_NOLEAKTRACE, NULL);
	void *volatile block = malloc(3000);

	slabinfo_read(table, sizeof(table));
	kmem_cache_free(cache, kmem_cache_alloc(cache, GFP_KERNEL));
	kfree(block);
	return strstr(table, "shared-heap") == NULL || strstr(table, "malloc-3072") == NULL;
}

/*
 * shared_heap.c: linked with libukmem.so and run on the drop-in: kmem_cache and malloc are
 * one heap, so one table lists both, and kfree takes what malloc gave. malloc's own figures
 * are of malloc's blocks.
 */
#include <malloc.h>
#include <stdlib.h>
#include <string.h>
#include <ukmem/slab.h>

static int counts_as_malloc(void *object, size_t before)
{
	size_t after = mallinfo2().uordblks;

	kfree(object);
	return after > before + 15000;
}

int main(void)
{
	static char table[65536];
	struct kmem_cache *cache = kmem_cache_create("shared-heap", 100, 0, SLAB_NOLEAKTRACE, NULL);
	void *volatile block = malloc(3000);

	slabinfo_read(table, sizeof(table));
	kmem_cache_free(cache, kmem_cache_alloc(cache, GFP_KERNEL));
	kfree(block);
	if (counts_as_malloc(kmalloc(20000, GFP_KERNEL), mallinfo2().uordblks) ||
	    !counts_as_malloc(malloc(20000), mallinfo2().uordblks))
		return 1;
	return strstr(table, "shared-heap") == NULL || strstr(table, "malloc-3072") == NULL;
}

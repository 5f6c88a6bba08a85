/*
 * 40 bytes on a line of 64.
 *
 * Report: ukmem: write past the end of 0x*, a live object of cache line (40 bytes)
 * Report:   byte 40 is 0x41, should be 0xcc; *
 */
#include <ukmem/slab.h>

int main(void)
{
	struct kmem_cache *line = kmem_cache_create("line", 40, 0, SLAB_HWCACHE_ALIGN, NULL);
	char *object = kmem_cache_alloc(line, GFP_KERNEL);

	object[40] = 'A';
	kmem_cache_free(line, object);
	return 0;
}

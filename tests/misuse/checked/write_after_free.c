/*
 * A freed object is written, and handed out again later.
 *
 * Options: debug:FZPU debug_quarantine:0
 * Report: ukmem: write after free of 0x*, a freed object of cache box (64 bytes)
 * Report:   byte 0 is 0x41, should be 0x6b; *
 * Report:   allocated by thread *
 * Report:   freed by thread *
 */
#include <ukmem/slab.h>

int main(void)
{
	struct kmem_cache *box = kmem_cache_create("box", 64, 0, 0, NULL);
	char *object = kmem_cache_alloc(box, GFP_KERNEL);

	kmem_cache_free(box, object);
	object[0] = 'A';
	kmem_cache_alloc(box, GFP_KERNEL);
	return 0;
}

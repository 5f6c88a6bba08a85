/*
 * Nobody frees the object, but somebody looks.
 *
 * Report: ukmem: write past the end of 0x*, a live object of cache box (64 bytes)
 */
#include <ukmem/debug.h>

int main(void)
{
	struct kmem_cache *box = kmem_cache_create("box", 64, 0, 0, NULL);
	char *object = kmem_cache_alloc(box, GFP_KERNEL);

	object[64] = 'A';
	kmem_cache_verify(box);
	return 0;
}

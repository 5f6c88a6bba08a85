/*
 * Another allocator's memory is freed.
 *
 * Report: ukmem: kfree of 0x*, which is in no slab
 */
#include <stdlib.h>

#include <ukmem/slab.h>

int main(void)
{
	kfree(kmalloc(64, GFP_KERNEL));
	kfree(malloc(100));
	return 0;
}

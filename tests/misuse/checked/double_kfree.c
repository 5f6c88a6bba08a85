/*
 * Memory of kmalloc is freed twice.
 *
 * Report: ukmem: double free of 0x*, a freed object of cache kmalloc-128 (128 bytes)
 */
#include <ukmem/slab.h>

int main(void)
{
	void *object = kmalloc(100, GFP_KERNEL);

	kfree(object);
	kfree(object);
	return 0;
}

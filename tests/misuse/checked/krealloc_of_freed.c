/*
 * A freed object is resized.
 *
 * Report: ukmem: use of 0x*, a freed object of cache kmalloc-64 (64 bytes)
 */
#include <ukmem/slab.h>

int main(void)
{
	void *object = kmalloc(64, GFP_KERNEL);

	kfree(object);
	object = krealloc(object, 100, GFP_KERNEL);
	return 0;
}

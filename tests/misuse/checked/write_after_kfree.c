/*
 * Memory of kmalloc is written after it was freed.
 *
 * Report: ukmem: write after free of 0x*, a freed object of cache kmalloc-64 (64 bytes)
 */
#include <ukmem/slab.h>

int main(void)
{
	char *object = kmalloc(50, GFP_KERNEL);

	kfree(object);
	object[20] = 'A';
	for (int i = 0; i < 100000; i++)
		kfree(kmalloc(50, GFP_KERNEL));
	return 0;
}

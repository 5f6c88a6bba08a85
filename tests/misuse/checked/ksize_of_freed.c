/*
 * The size of a freed object is asked for.
 *
 * Report: ukmem: use of 0x*, a freed object of cache kmalloc-64 (64 bytes)
 * Report:   freed by thread *
 */
#include <ukmem/slab.h>

int main(void)
{
	void *object = kmalloc(64, GFP_KERNEL);

	kfree(object);
	return (int)ksize(object);
	return 0;
}

/*
 * A guarded object of kmalloc is freed twice.
 *
 * Options: sample:1
 * Report: ukmem: double free of 0x*, a freed object of cache kmalloc-64 (64 bytes)
 * Report:   allocated by thread *
 * Report:   freed by thread *
 */
#include <ukmem/slab.h>

int main(void)
{
	void *object = kmalloc(50, GFP_KERNEL);

	kfree(object);
	kfree(object);
	return 0;
}

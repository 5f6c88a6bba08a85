/*
 * What kvmalloc mapped is freed by kfree.
 *
 * Report: ukmem: kfree of 0x*, which is in no slab
 */
#include <ukmem/slab.h>

int main(void)
{
	kfree(kmalloc(64, GFP_KERNEL));
	kfree(kvmalloc(8 << 20, GFP_KERNEL));
	return 0;
}

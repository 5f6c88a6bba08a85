/*
 * A pointer far outside of everything.
 *
 * Report: ukmem: kfree of 0xffffffffffffff00, which is in no slab
 */
#include <ukmem/slab.h>

int main(void)
{
	kfree(kmalloc(64, GFP_KERNEL));
	kfree((void *)-256L);
	return 0;
}

/*
 * A local variable is freed.
 *
 * Report: ukmem: kfree of 0x*, which is in no slab
 */
#include <ukmem/slab.h>

int main(void)
{
	char local[64] = "on the stack";

	kfree(kmalloc(64, GFP_KERNEL));
	kfree(local);
	return 0;
}

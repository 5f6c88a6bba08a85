/*
 * A pointer that kmalloc never gave, from a place that may not wait.
 *
 * Report: ukmem: kfree_nolock of 0x*, which is in no slab
 */
#include <ukmem/slab.h>

int main(void)
{
	int on_the_stack;

	kfree(kmalloc(10, GFP_KERNEL));
	kfree_nolock(&on_the_stack);
	return 0;
}

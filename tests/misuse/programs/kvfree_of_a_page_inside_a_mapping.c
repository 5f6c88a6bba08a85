/*
 * The same, on a page boundary.
 *
 * Report: ukmem: kvfree of 0x*, which kvmalloc did not make
 */
#include <ukmem/slab.h>

int main(void)
{
	char *object = kvzalloc(8 << 20, GFP_KERNEL);

	kvfree(object + (1 << 20));
	return 0;
}

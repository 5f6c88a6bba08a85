/*
 * A large mapping is freed by a pointer into it.
 *
 * Report: ukmem: kvfree of 0x*, which kvmalloc did not make
 */
#include <ukmem/slab.h>

int main(void)
{
	char *object = kvmalloc(8 << 20, GFP_KERNEL);

	kvfree(object + 64);
	return 0;
}

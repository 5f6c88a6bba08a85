/*
 * A page and more, with room behind it in its class.
 *
 * Report: ukmem: write past the end of 0x*, a live object of cache kmalloc-8k (5000 bytes)
 * Report:   byte 5000 is 0x41, should be 0xcc; *
 */
#include <ukmem/slab.h>

int main(void)
{
	char *object = kmalloc(5000, GFP_KERNEL);

	object[5000] = 'A';
	kfree(object);
	return 0;
}

/*
 * What krealloc took away is written.
 *
 * Report: ukmem: write past the end of 0x*, a live object of cache kmalloc-128 (40 bytes)
 * Report:   byte 40 is 0x41, should be 0xcc; *
 */
#include <ukmem/slab.h>

int main(void)
{
	char *object = kmalloc(100, GFP_KERNEL);

	object = krealloc(object, 40, GFP_KERNEL);
	object[40] = 'A';
	kfree(object);
	return 0;
}

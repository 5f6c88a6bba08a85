/*
 * 18 bytes come from kmalloc-32: the 19th is nobody's.
 *
 * Report: ukmem: write past the end of 0x*, a live object of cache kmalloc-32 (18 bytes)
 * Report:   byte 18 is 0x00, should be 0xcc; *
 */
#include <ukmem/slab.h>

int main(void)
{
	char *object = kmalloc(18, GFP_KERNEL);

	object[18] = object[19] = 0;
	kfree(object);
	return 0;
}

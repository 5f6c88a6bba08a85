/*
 * count * size wraps around: a small object for a large table.
 *
 * Report: ukmem: write past the end of 0x*, a live object of cache kmalloc-32 (16 bytes)
 */
#include <ukmem/slab.h>

int main(void)
{
	unsigned int count = 0x10000001, size = 16;
	char *table = kmalloc(count * size, GFP_KERNEL);

	table[16] = 'A';
	kfree(table);
	return 0;
}

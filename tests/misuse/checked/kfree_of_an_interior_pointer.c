/*
 * A pointer that was moved on while reading is freed.
 *
 * Report: ukmem: free of 0x*, 1 bytes into 0x*, a live object of cache kmalloc-256 (200 bytes)
 */
#include <ukmem/slab.h>

int main(void)
{
	char *text = kmalloc(200, GFP_KERNEL);

	kfree(text + 1);
	return 0;
}

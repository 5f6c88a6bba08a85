/*
 * A pointer into an object is freed and handed out again; a refill finds that it was none.
 *
 * Report: ukmem: free of 0x2, which is no object's start, in cache kmalloc-64
 */
#include <ukmem/slab.h>

int main(void)
{
	char *objects[300];

	for (int i = 0; i < 300; i++)
		objects[i] = kmalloc(64, GFP_KERNEL);
	kfree(objects[7] + 8);
	for (int i = 0; i < 300; i++)
		objects[i] = kmalloc(64, GFP_KERNEL);
	return 0;
}

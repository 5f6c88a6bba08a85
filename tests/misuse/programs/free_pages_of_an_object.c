/*
 * Memory of kmalloc is given back as a page.
 *
 * Report: ukmem: free of 2^0 pages at 0x*, which is no such run
 */
#include <ukmem/pages.h>

int main(void)
{
	free_page((unsigned long)kmalloc(4096, GFP_KERNEL));
	return 0;
}

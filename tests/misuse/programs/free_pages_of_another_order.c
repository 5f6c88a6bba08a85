/*
 * Four pages are given back as eight.
 *
 * Report: ukmem: free of 2^3 pages at 0x*, which is no such run
 */
#include <ukmem/pages.h>

int main(void)
{
	free_pages(__get_free_pages(GFP_KERNEL, 2), 3);
	return 0;
}

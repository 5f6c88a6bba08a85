/*
 * A run of pages is given back twice.
 *
 * Report: ukmem: free of 2^2 pages at 0x*, which is no such run
 */
#include <ukmem/pages.h>

int main(void)
{
	unsigned long run = __get_free_pages(GFP_KERNEL, 2);

	free_pages(run, 2);
	free_pages(run, 2);
	return 0;
}

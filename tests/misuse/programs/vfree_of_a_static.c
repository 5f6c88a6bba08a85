/*
 * A pointer that vmalloc never gave.
 *
 * Report: ukmem: kvfree of 0x*, which kvmalloc did not make
 */
#include <ukmem/pages.h>

int main(void)
{
	_Alignas(4096) static char pages[8192];

	vfree(pages + 4096);
	return 0;
}

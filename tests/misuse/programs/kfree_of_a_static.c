/*
 * A static object is freed, by the first call into the library.
 *
 * Report: ukmem: kfree of 0x*, which is in no slab
 */
#include <ukmem/slab.h>

static char object[64];

int main(void)
{
	kfree(object);
	return 0;
}

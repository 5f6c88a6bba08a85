/*
 * The size of something that was never allocated is asked for.
 *
 * Report: ukmem: ksize of 0x*, which is in no slab
 */
#include <ukmem/slab.h>

int main(void)
{
	char local[64] = "on the stack";

	return (int)ksize(local);
}

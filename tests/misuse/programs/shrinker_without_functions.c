/*
 * A shrinker is registered before it was filled in.
 *
 * Report: ukmem: shrinker inodes is registered without functions
 */
#include <ukmem/shrinker.h>

int main(void)
{
	shrinker_register(shrinker_alloc(0, "inodes"));
	return 0;
}

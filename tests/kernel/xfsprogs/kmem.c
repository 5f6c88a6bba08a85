/*
 * kmem.c: libxfs ends its program where memory is refused.
 */
#include <stdio.h>
#include <stdlib.h>
#include <ukmem/shrinker.h>

static void out_of_memory(gfp_t gfp, unsigned int attempts)
{
	(void)gfp;
	(void)attempts;
	fprintf(stderr, "out of memory\n");
	exit(1);
}

__attribute__((constructor)) static void start(void)
{
	kmem_set_nofail_callback(out_of_memory);
}

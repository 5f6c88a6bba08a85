/*
 * The thread that freed it is not the one that writes.
 *
 * Report: ukmem: write after free of 0x*, a freed object of cache box (64 bytes)
 */
#include <pthread.h>
#include <string.h>

#include <ukmem/slab.h>

static void *scribble(void *object)
{
	return memset(object, 'A', 64);
}

int main(void)
{
	struct kmem_cache *box = kmem_cache_create("box", 64, 0, 0, NULL);
	char *object = kmem_cache_alloc(box, GFP_KERNEL);
	pthread_t writer;

	kmem_cache_free(box, object);
	pthread_create(&writer, NULL, scribble, object);
	pthread_join(writer, NULL);
	kmem_cache_shrink(box);
	return 0;
}

/*
 * Two threads free the same object.
 *
 * Report: ukmem: double free of 0x*, a * object of cache box (64 bytes)
 * Report:   freed by thread *
 */
#include <pthread.h>

#include <ukmem/slab.h>

static struct kmem_cache *box;

static void *release(void *object)
{
	kmem_cache_free(box, object);
	return NULL;
}

int main(void)
{
	pthread_t one, other;
	void *object;

	box = kmem_cache_create("box", 64, 0, 0, NULL);
	object = kmem_cache_alloc(box, GFP_KERNEL);
	pthread_create(&one, NULL, release, object);
	pthread_create(&other, NULL, release, object);
	pthread_join(one, NULL);
	pthread_join(other, NULL);
	return 0;
}

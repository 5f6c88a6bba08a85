/*
 * The parent freed it already.
 *
 * Report: ukmem: double free of 0x*, a freed object of cache box (64 bytes)
 */
#include <signal.h>
#include <sys/wait.h>
#include <unistd.h>

#include <ukmem/slab.h>

int main(void)
{
	struct kmem_cache *box = kmem_cache_create("box", 64, 0, 0, NULL);
	void *object = kmem_cache_alloc(box, GFP_KERNEL);
	int status;

	kmem_cache_free(box, object);
	if (fork() == 0)
		kmem_cache_free(box, object);
	else if (wait(&status) > 0 && WIFSIGNALED(status))
		raise(WTERMSIG(status));
	return 0;
}

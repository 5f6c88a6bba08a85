/*
 * two_nodes.c: a program with memory of two nodes, on CPU 0 and so on the first; to be run
 * on a made-up machine. 300 objects of "near" memory and 200 of far are in one cache. 7 of
 * the far ones are lost. Of 30 far ones that are freed, 24 went home in two batches of 12,
 * and 6 wait in the alien cache.
 */
#include <sched.h>
#include <stdio.h>
#include <ukmem/slab.h>
#include <unistd.h>

enum { NEAR = 300, FAR = 200, FREED = 30, LOST = 7 };

static void *near[NEAR], *far[FAR];

static void pin(void)
{
	cpu_set_t first;

	CPU_ZERO(&first);
	CPU_SET(0, &first);
	sched_setaffinity(0, sizeof(first), &first);
}

int main(void)
{
	struct kmem_cache *cache;
	char byte;

	pin();
	cache = kmem_cache_create("two", 200, 0, SLAB_TYPESAFE_BY_RCU, NULL);
	for (int i = 0; i < NEAR; i++)
		near[i] = kmem_cache_alloc_node(cache, GFP_KERNEL, 0);
	for (int i = 0; i < FAR; i++)
		far[i] = kmem_cache_alloc_node(cache, GFP_KERNEL, 1);
	for (int i = 0; i < FREED; i++)
		kmem_cache_free(cache, far[i]);
	printf("near %p\nfar %p\nwaits %p\nready\n", near[0], far[FAR - 1], far[FREED - 1]);
	fflush(stdout);
	for (int i = 0; i < FREED + LOST; i++)
		far[i] = NULL;
	while (read(STDIN_FILENO, &byte, 1) > 0)
		;
	return 0;
}

/*
 * sourced.c: a program with page sources. It holds 500 objects of 100 bytes in shared
 * memory, a chain of which only the first has a pointer elsewhere, and 20 of 3000 below
 * 4 GiB; of these 5 are lost. "core" instead of waiting: it aborts.
 */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <ukmem/source.h>
#include <unistd.h>

struct link {
	struct link *next;
	char filling[92];
};

static struct link *chain;
static void *held[20];

static void fill(struct kmem_cache *links, struct kmem_cache *low)
{
	for (int i = 0; i < 500; i++) {
		struct link *link = kmem_cache_alloc(links, GFP_KERNEL | __GFP_ZERO);

		link->next = chain;
		chain = link;
	}
	for (int i = 0; i < 20; i++)
		held[i] = kmem_cache_alloc(low, GFP_KERNEL | __GFP_ZERO);
	memset(held, 0, 5 * sizeof(held[0]));
}

int main(int argc, char **argv)
{
	struct kmem_source *shared = kmem_source_shared(64 << 20);
	struct kmem_cache *links = kmem_cache_create("links", sizeof(struct link),
			&(struct kmem_cache_args){ .source = shared }, 0);
	struct kmem_cache *low = kmem_cache_create("low", 3000, 0, SLAB_CACHE_DMA32, NULL);
	char byte;

	fill(links, low);
	printf("base %p\nlink %p\nlow %p\nready\n", shared->base, (void *)chain, held[7]);
	fflush(stdout);
	if (argc > 1 && strcmp(argv[1], "core") == 0)
		abort();
	while (read(STDIN_FILENO, &byte, 1) > 0)
		;
	return 0;
}

/*
 * leaker.c: a program that loses known objects. It keeps a list of 40 in "chained", one
 * object of "interior" by a pointer into its middle, one of "stacked" by a variable, one
 * of "threaded" by a variable of a thread that waits, 30 of "tabled" from a kmalloced table. It loses
 * 25 objects of 96 bytes in "lost", a ring of 7 that point to each other in "ringed", one
 * kmalloc of 100,000 bytes, and frees 50 of "freed" whose addresses it keeps.
 * "core": aborts instead of waiting for the end of its input. "sound": loses nothing.
 */
#include <pthread.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <ukmem/slab.h>
#include <unistd.h>

#define NOINLINE __attribute__((noinline, noclone))

struct node {
	struct node *next;
	char rest[56];
};

static struct node *volatile chain;
static char *volatile middle;
static void **volatile table;
static uintptr_t hidden[64];           /* not pointers: their complements */

static struct kmem_cache *make(const char *name, unsigned size)
{
	return kmem_cache_create(name, size, 0, SLAB_TYPESAFE_BY_RCU, NULL);
}

/* Here, so that no register or slot of a frame still holds one. */
NOINLINE static void keep(void)
{
	struct kmem_cache *chained = make("chained", sizeof(struct node));
	struct kmem_cache *tabled = make("tabled", 72);

	for (int i = 0; i < 40; i++) {
		struct node *node = kmem_cache_zalloc(chained, GFP_KERNEL);

		node->next = chain;
		chain = node;
	}
	middle = (char *)kmem_cache_zalloc(make("interior", 200), GFP_KERNEL) + 100;
	table = kcalloc(30, sizeof(*table), GFP_KERNEL);
	for (int i = 0; i < 30; i++)
		table[i] = kmem_cache_zalloc(tabled, GFP_KERNEL);
}

NOINLINE static void lose_some(struct kmem_cache *lost)
{
	void *volatile deep[8192];      /* its far end stays when we return */

	for (int i = 0; i < 25; i++)
		hidden[i] = ~(uintptr_t)kmem_cache_zalloc(lost, GFP_KERNEL);
	deep[0] = (void *)~hidden[0];
	__asm__ volatile("" : : "r"(deep) : "memory");
}

NOINLINE static void lose_ring(struct kmem_cache *ringed)
{
	struct node *node[7];

	for (int i = 0; i < 7; i++)
		node[i] = kmem_cache_zalloc(ringed, GFP_KERNEL);
	for (int i = 0; i < 7; i++)
		node[i]->next = node[(i + 1) % 7];
	hidden[30] = ~(uintptr_t)node[0];
	memset(node, 0, sizeof(node));
	__asm__ volatile("" : : "r"(node) : "memory");
}

NOINLINE static void free_some(struct kmem_cache *freed)
{
	static void *stale[50];

	for (int i = 0; i < 50; i++)
		stale[i] = kmem_cache_zalloc(freed, GFP_KERNEL);
	for (int i = 0; i < 50; i++)
		kmem_cache_free(freed, stale[i]);
	printf("freed %p\n", stale[49]);
}

static void lose(void)
{
	lose_some(make("lost", 96));
	lose_ring(make("ringed", sizeof(struct node)));
	hidden[31] = ~(uintptr_t)kzalloc(100000, GFP_KERNEL);
}

static volatile int thread_holds;

static void *hold(void *cache)
{
	void *volatile held = kmem_cache_zalloc(cache, GFP_KERNEL);

	thread_holds = held != NULL;
	for (;;)
		pause();
	return held;
}

int main(int argc, char **argv)
{
	void *volatile stacked;
	pthread_t thread;
	char byte;

	keep();
	stacked = kmem_cache_zalloc(make("stacked", 120), GFP_KERNEL);
	if (argc < 2 || strcmp(argv[1], "sound") != 0)
		lose();
	free_some(make("freed", 80));
	pthread_create(&thread, NULL, hold, make("threaded", 88));
	while (!thread_holds)
		usleep(1000);
	printf("ready\n");
	fflush(stdout);
	if (argc > 1 && strcmp(argv[1], "core") == 0)
		abort();
	while (read(STDIN_FILENO, &byte, 1) > 0)
		;
	return stacked == NULL;
}

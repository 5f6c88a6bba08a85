/*
 * recorded.c: a program whose trace is known. Two threads; 3000 objects of "rec-small",
 * of which 1000 stay, 500 of "rec big" (a blank in its name), all freed by the other
 * thread, 700 of kmalloc(100), none of which stays. Before that a child of fork allocates
 * 50 of "rec-small", which is none of our business. "wait": waits for the end of its input,
 * does the same once more for each byte of it, and says so; meanwhile it calls a cache with
 * checks, which is not recorded, so that the helper thread stays.
 */
#include <poll.h>
#include <pthread.h>
#include <stdio.h>
#include <string.h>
#include <sys/wait.h>
#include <ukmem/slab.h>
#include <unistd.h>

enum { SMALL = 3000, STAY = 1000, BIG = 500, PLAIN = 700 };

static struct kmem_cache *small, *big;
static void *smalls[SMALL], *bigs[BIG], *plain[PLAIN];

static void *free_bigs(void *unused)
{
	for (int i = 0; i < BIG; i++)
		kmem_cache_free(big, bigs[i]);
	return unused;
}

static void in_child(void)
{
	for (int i = 0; i < 50; i++)
		kmem_cache_alloc(small, GFP_KERNEL);
	_exit(0);
}

static void work(void)
{
	pthread_t thread;

	for (int i = 0; i < SMALL; i++)
		smalls[i] = kmem_cache_alloc(small, GFP_KERNEL);
	for (int i = 0; i < BIG; i++)
		bigs[i] = kmem_cache_alloc(big, GFP_KERNEL);
	for (int i = 0; i < PLAIN; i++)
		plain[i] = kmalloc(100, GFP_KERNEL);
	pthread_create(&thread, NULL, free_bigs, NULL);
	for (int i = STAY; i < SMALL; i++)
		kmem_cache_free(small, smalls[i]);
	for (int i = 0; i < PLAIN; i++)
		kfree(plain[i]);
	pthread_join(thread, NULL);
}

static void work_at_every_byte(void)
{
	struct kmem_cache *checked = kmem_cache_create("checked", 64, 0,
						       SLAB_CONSISTENCY_CHECKS, NULL);
	struct pollfd input = { .fd = STDIN_FILENO, .events = POLLIN };
	char byte;

	for (;;) {
		kmem_cache_free(checked, kmem_cache_alloc(checked, GFP_KERNEL));
		if (poll(&input, 1, 100) == 0)
			continue;
		if (read(STDIN_FILENO, &byte, 1) <= 0)
			return;
		work();
		printf("again\n");
		fflush(stdout);
	}
}

int main(int argc, char **argv)
{
	pid_t child;

	small = kmem_cache_create("rec-small", 96, 0, SLAB_TYPESAFE_BY_RCU, NULL);
	big = kmem_cache_create("rec big", 1000, 0, SLAB_TYPESAFE_BY_RCU, NULL);
	child = fork();
	if (child == 0)
		in_child();
	waitpid(child, NULL, 0);
	work();
	printf("ready\n");
	fflush(stdout);
	if (argc > 1 && strcmp(argv[1], "wait") == 0)
		work_at_every_byte();
	return 0;
}

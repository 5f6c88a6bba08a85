/*
 * many_caches.c: a table longer than most, asked for (SIGUSR2) where there is little room: on the
 * smallest stack there may be. Prints the number of caches it made, and its malloc_stats,
 * and waits for its input's end.
 */
#include <limits.h>
#include <malloc.h>
#include <pthread.h>
#include <signal.h>
#include <stdio.h>
#include <ukmem/slab.h>
#include <unistd.h>

enum { CACHES = 600 };

static void *ask(void *unused)
{
	raise(SIGUSR2);
	return unused;
}

static int ask_on_a_small_stack(void)
{
	pthread_attr_t attributes;
	pthread_t thread;

	pthread_attr_init(&attributes);
	pthread_attr_setstacksize(&attributes, (size_t)PTHREAD_STACK_MIN);
	return pthread_create(&thread, &attributes, ask, NULL) != 0 || pthread_join(thread, NULL) != 0;
}

int main(void)
{
	char name[32], byte;

	for (int i = 0; i < CACHES; i++) {
		snprintf(name, sizeof(name), "one-of-many-%d", i);
		if (kmem_cache_create(name, 64, 0, SLAB_TYPESAFE_BY_RCU, NULL) == NULL)
			return 1;
	}
	if (ask_on_a_small_stack() != 0)
		return 1;
	printf("%d\n", CACHES);
	fflush(stdout);
	malloc_stats();
	return (int)read(STDIN_FILENO, &byte, 1);
}

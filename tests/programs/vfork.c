/*
 * vfork.c: children of vfork that allocate before they exec, which POSIX forbids and
 * programs do, beside threads that allocate. Each child moves to another CPU, of which
 * its parent's thread-local memory knows nothing. Prints nothing when all holds.
 */
#define _GNU_SOURCE
#include <errno.h>
#include <pthread.h>
#include <sched.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/wait.h>
#include <unistd.h>

enum { CHILDREN = 300, BLOCKS = 400, BYTES = 48 };

static volatile int over, wrong;

static void move_to(unsigned number)
{
	cpu_set_t allowed;

	CPU_ZERO(&allowed);
	CPU_SET(number % (unsigned)sysconf(_SC_NPROCESSORS_ONLN), &allowed);
	sched_setaffinity(0, sizeof(allowed), &allowed);
}

/* Every block is filled with its owner's mark, and must still hold it at the end. */
static __attribute__((noinline)) void use_heap(unsigned char mark)
{
	unsigned char *held[BLOCKS];

	for (unsigned i = 0; i < BLOCKS; i++)
		memset(held[i] = malloc(BYTES), mark, BYTES);
	for (unsigned i = 0; i < BLOCKS; i++) {
		for (unsigned byte = 0; byte < BYTES; byte++)
			if (held[i][byte] != mark)
				wrong = 1;
		free(held[i]);
	}
}

static void *hammer(void *mark)
{
	for (unsigned round = 0; !over; round++) {
		move_to(round);
		use_heap((unsigned char)(size_t)mark);
	}
	return NULL;
}

static __attribute__((noinline)) pid_t start_child(unsigned number)
{
	pid_t child = vfork();

	if (child == 0) {
		if (vfork() == 0)               /* one of its own, and then it goes on */
			_exit(0);
		move_to(number);
		use_heap(1);
		if (number % 2 == 0)
			execl("/bin/true", "true", NULL);
		_exit(number % 2 == 0);
	}
	return child;
}

int main(void)
{
	pthread_t threads[2];
	int status;

	for (size_t i = 0; i < 2; i++)
		pthread_create(&threads[i], NULL, hammer, (void *)(i + 2));
	for (unsigned i = 0; i < CHILDREN; i++) {
		pid_t child = start_child(i);

		use_heap(4);
		if (waitpid(child, &status, 0) != child || status != 0)
			wrong = 1;
	}
	over = 1;
	for (size_t i = 0; i < 2; i++)
		pthread_join(threads[i], NULL);
	if (wrong)
		fprintf(stderr, "vfork.c: a block was lent twice, or a child ended badly\n");
	return wrong;
}

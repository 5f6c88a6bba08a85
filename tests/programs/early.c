/*
 * early.c: the earliest constructor that a program may have registers handlers of fork that
 * allocate. Ours are registered before, also where they are linked behind it: else its own
 * would wait for locks that ours have taken. Prints nothing when all holds.
 */
#include <pthread.h>
#include <stdlib.h>
#include <sys/wait.h>
#include <unistd.h>

enum { BYTES = 77777 };                 /* no hit */

static void *block;

static void allocate(void)
{
	free(block);
	block = malloc(BYTES);
}

__attribute__((constructor(101))) static void first(void)
{
	block = malloc(BYTES);
	pthread_atfork(allocate, allocate, allocate);
}

int main(void)
{
	int status;
	pid_t child;

	alarm(10);
	child = fork();
	if (child == 0)
		return 0;
	return waitpid(child, &status, 0) != child || status != 0;
}

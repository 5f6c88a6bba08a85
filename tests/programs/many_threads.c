/*
 * many_threads.c: 10,000 threads, made and ended, each allocating, leave about as much
 * memory as one. Prints both; status 0 if the growth is at most 256 KiB.
 */
#include <pthread.h>
#include <stdatomic.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "resident.h"

enum { THREADS = 10000, BLOCKS = 200, MAX_GROWTH_KIB = 256 };

/* How many wait for each other, to run at once: on a busy machine one CPU might serve them all. */
static int wanted;
static atomic_int arrived;

static void *allocate(void *unused)
{
	void *blocks[BLOCKS];

	atomic_fetch_add(&arrived, 1);
	while (atomic_load(&arrived) < wanted)
		;
	for (int i = 0; i < BLOCKS; i++) {
		blocks[i] = malloc((size_t)i * 13 + 1);
		memset(blocks[i], i, (size_t)i * 13 + 1);
	}
	for (int i = 0; i < BLOCKS; i++)
		free(blocks[i]);
	return unused;
}

/* @count in all, @together at a time. */
static void run_threads(int count, int together)
{
	pthread_t threads[16];

	for (int done = 0; done < count; done += together) {
		atomic_store(&arrived, 0);
		for (int i = 0; i < together; i++)
			if (pthread_create(&threads[i], NULL, allocate, NULL) != 0)
				exit(2);
		for (int i = 0; i < together; i++)
			if (pthread_join(threads[i], NULL) != 0)
				exit(2);
	}
}

int main(void)
{
	long one, all, cpus = sysconf(_SC_NPROCESSORS_ONLN);

	wanted = cpus < 16 ? (int)cpus : 16;
	run_threads(1600, 16);          /* on every CPU every class has its array */
	wanted = 0;
	one = (long)(resident_bytes() / 1024);
	run_threads(THREADS, 1);
	all = (long)(resident_bytes() / 1024);
	printf("%ld KiB, after %d threads %ld KiB\n", one, THREADS, all);
	return all - one > MAX_GROWTH_KIB;
}

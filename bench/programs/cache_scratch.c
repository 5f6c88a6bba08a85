/*
 * cache_scratch.c: after Hoard's: one thread allocates small blocks side by side and hands
 * one to each thread, which frees it, allocates its own and writes to that for long. Slow
 * where two threads then have blocks of one cache line.
 */
#include "common.h"

enum { THREADS = 2, SIZE = 8, ROUNDS = 12000, WRITES = 10000 };

static char *given[THREADS];

static void *work(void *number)
{
	free(given[(intptr_t)number]);
	for (int round = 0; round < ROUNDS; round++) {
		volatile char *block = malloc(SIZE);

		for (int i = 0; i < WRITES; i++)
			block[i % SIZE]++;
		free((void *)block);
	}
	return NULL;
}

int main(void)
{
	for (int i = 0; i < THREADS; i++)
		given[i] = malloc(SIZE);
	in_threads(THREADS, work);
	return 0;
}

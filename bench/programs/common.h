/*
 * common.h: what the classic workloads share: time, random numbers, threads. Each program
 * does a fixed amount of work and prints nothing; run.sh takes its time and peak memory.
 */
#ifndef BENCH_PROGRAMS_COMMON_H
#define BENCH_PROGRAMS_COMMON_H

#include <pthread.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

static inline uint64_t random_next(uint64_t *state)
{
	*state ^= *state << 13;
	*state ^= *state >> 7;
	*state ^= *state << 17;
	return *state;
}

/* Run @body in @count threads with their numbers, and wait. */
static inline void in_threads(int count, void *(*body)(void *))
{
	pthread_t threads[64];

	for (int i = 0; i < count; i++)
		if (pthread_create(&threads[i], NULL, body, (void *)(intptr_t)i) != 0)
			abort();
	for (int i = 0; i < count; i++)
		pthread_join(threads[i], NULL);
}

/* Write into a block's first and last byte, as a program would. */
static inline void touch(char *block, size_t size)
{
	if (block == NULL)
		abort();
	block[0] = 1;
	block[size - 1] = 1;
}

#endif

/*
 * larson.c: a server, after Larson and Krishnan (1998): blocks of random size are replaced
 * at random, and each generation of threads inherits the blocks of the one before.
 */
#include "common.h"

enum { THREADS = 4, GENERATIONS = 60, BLOCKS = 5000, REPLACEMENTS = 100000,
       LEAST = 10, MOST = 500 };

static char *blocks[THREADS][BLOCKS];

static size_t some_size(uint64_t *seed)
{
	return LEAST + random_next(seed) % (MOST - LEAST);
}

static void *serve(void *number)
{
	uint64_t seed = (uint64_t)(intptr_t)number * 77 + 1;
	char **mine = blocks[(intptr_t)number];

	for (int i = 0; i < REPLACEMENTS; i++) {
		char **block = &mine[random_next(&seed) % BLOCKS];
		size_t size = some_size(&seed);

		free(*block);
		*block = malloc(size);
		touch(*block, size);
	}
	return NULL;
}

/* Each thread's blocks go to the next one. */
static void hand_on(void)
{
	char *first[BLOCKS];

	memcpy(first, blocks[0], sizeof(first));
	memmove(blocks[0], blocks[1], sizeof(blocks) - sizeof(first));
	memcpy(blocks[THREADS - 1], first, sizeof(first));
}

int main(void)
{
	for (int generation = 0; generation < GENERATIONS; generation++) {
		in_threads(THREADS, serve);
		hand_on();
	}
	return 0;
}

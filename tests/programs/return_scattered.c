/*
 * return_scattered.c: nine blocks of ten are freed, chosen at random, and the program does
 * nothing more. Of blocks of a page all memory comes back but a fifth of what is live; of
 * smaller ones, that of the pages where nothing is live.
 */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "resident.h"

enum { BYTES = 128 << 20, PATIENCE = 60 };

static char *blocks[BYTES / 512];

static unsigned random_below(unsigned limit)
{
	static unsigned long long state = 88172645463325252ull;

	state ^= state << 13;
	state ^= state >> 7;
	state ^= state << 17;
	return (unsigned)(state % limit);
}

/* @size divides a page, or is one. Bytes of the pages that stay live. */
static size_t live_pages_after_scattered_free(unsigned count, unsigned size)
{
	unsigned in_page = 4096 / size;
	size_t live = 0;

	for (unsigned i = 0; i < count; i++) {
		blocks[i] = malloc(size);
		memset(blocks[i], 1, size);
	}
	for (unsigned i = 0; i < count; i += in_page) {
		int some = 0;

		for (unsigned j = i; j < i + in_page; j++) {
			if (random_below(10) != 0)
				free(blocks[j]);
			else
				some = 1;
		}
		live += some ? 4096 : 0;
	}
	return live;
}

static int comes_back(unsigned size)
{
	size_t bare = resident_bytes(), now = 0, live;
	double seconds = 0;

	live = live_pages_after_scattered_free(BYTES / size, size);
	do {
		usleep(100000);
		seconds += 0.1;
		now = resident_bytes() - bare;
	} while (now > live + live / 5 && seconds < PATIENCE);
	printf("blocks of %u: live pages %zu KiB, resident %zu KiB after %.1f s\n", size,
	       live / 1024, now / 1024, seconds);
	return now <= live + live / 5;
}

int main(void)
{
	memset(blocks, 1, sizeof(blocks));
	return !comes_back(4096) || !comes_back(512);
}

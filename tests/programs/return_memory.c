/*
 * return_memory.c: nine blocks of ten are freed, and the program does nothing more. Within
 * five seconds it uses less than 1.2 times what is live, and what a bare process does.
 */
#include <malloc.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "resident.h"

enum { BLOCKS = 1000000, KEPT = BLOCKS / 10, SECONDS = 5 };

static char *blocks[BLOCKS];

static size_t size_of(int i)
{
	return 16 + (unsigned)i * 2654435761u % 1000;
}

int main(void)
{
	size_t live = 0, bare, now = 0;

	memset(blocks, 1, sizeof(blocks));
	bare = resident_bytes();
	for (int i = 0; i < BLOCKS; i++) {
		blocks[i] = malloc(size_of(i));
		memset(blocks[i], 1, size_of(i));
	}
	for (int i = KEPT; i < BLOCKS; i++)
		free(blocks[i]);
	for (int i = 0; i < KEPT; i++)
		live += malloc_usable_size(blocks[i]);
	for (int i = 0; i < SECONDS * 2; i++) {
		usleep(500000);
		now = resident_bytes() - bare;
		if (now < live + live / 5)
			break;
	}
	printf("live %zu KiB, resident %zu KiB\n", live / 1024, now / 1024);
	return now >= live + live / 5;
}

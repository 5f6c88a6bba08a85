/*
 * sh8bench.c: after MicroQuill's: rounds of growing sizes; part of each round is freed in
 * order, part in reverse, part lives on for a few rounds.
 */
#include "common.h"

enum { THREADS = 2, ROUNDS = 3000, MOST = 1000, COUNT = 100, KEPT = 2000 };

static void *work(void *number)
{
	char *blocks[COUNT], **kept = calloc(KEPT, sizeof(*kept));
	size_t next = 0;

	for (int round = 0; round < ROUNDS; round++)
		for (size_t size = 1; size < MOST; size += 1 + size / 8) {
			for (int i = 0; i < COUNT; i++) {
				blocks[i] = malloc(size);
				touch(blocks[i], size);
			}
			for (int i = 0; i < COUNT / 4; i++)
				free(blocks[i]);
			for (int i = COUNT - 1; i >= COUNT / 2; i--)
				free(blocks[i]);
			for (int i = COUNT / 4; i < COUNT / 2; i++, next++) {
				free(kept[next % KEPT]);
				kept[next % KEPT] = blocks[i];
			}
		}
	for (int i = 0; i < KEPT; i++)
		free(kept[i]);
	free(kept);
	return number;
}

int main(void)
{
	in_threads(THREADS, work);
	return 0;
}

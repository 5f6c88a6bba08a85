/*
 * simple.c: after glibc's bench-malloc-simple: the same few sizes, allocated in blocks of
 * 25, 100, 400 and 1600 and freed in order, on one thread and then on several.
 */
#include "common.h"

enum { MOST = 1600, WORK = 6000000 };

static const size_t sizes[] = { 8, 32, 128, 512, 1024, 4096 };

static void *work(void *number)
{
	void *blocks[MOST];

	for (size_t s = 0; s < sizeof(sizes) / sizeof(*sizes); s++)
		for (int count = 25; count <= MOST; count *= 4)
			for (int done = 0; done < WORK / 24; done += count) {
				for (int i = 0; i < count; i++) {
					blocks[i] = malloc(sizes[s]);
					touch(blocks[i], sizes[s]);
				}
				for (int i = 0; i < count; i++)
					free(blocks[i]);
			}
	return number;
}

int main(void)
{
	work(NULL);
	in_threads(4, work);
	return 0;
}

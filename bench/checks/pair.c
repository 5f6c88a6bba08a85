/*
 * pair.c: ns of processor time for an allocation and a free, and memory for objects that stay.
 *
 * pair malloc|kmalloc|cache BYTES PAIRS LIVE: one line, "ns-per-pair KiB-for-LIVE-objects".
 * 100 objects at a time, below eight frames, so that a stack is what stacks are.
 */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>
#include <unistd.h>

#include <ukmem/slab.h>

enum { BATCH = 100 };

static struct kmem_cache *cache;
static char kind;
static size_t bytes;

static void *take(void)
{
	return kind == 'm' ? malloc(bytes) : kind == 'k' ? kmalloc(bytes, GFP_KERNEL) :
	       kmem_cache_alloc(cache, GFP_KERNEL);
}

static void give(void *object)
{
	if (kind == 'm')
		free(object);
	else if (kind == 'k')
		kfree(object);
	else
		kmem_cache_free(cache, object);
}

static __attribute__((noinline)) void work(unsigned depth, long batches)
{
	void *objects[BATCH];

	if (depth != 0) {
		work(depth - 1, batches);
		__asm__ volatile("");
		return;
	}
	for (long i = 0; i < batches; i++) {
		for (int n = 0; n < BATCH; n++)
			*(volatile char *)(objects[n] = take()) = 1;
		for (int n = 0; n < BATCH; n++)
			give(objects[n]);
	}
}

static long resident_kib(void)
{
	FILE *file = fopen("/proc/self/statm", "r");
	long size, pages = 0;

	if (file == NULL || fscanf(file, "%ld %ld", &size, &pages) != 2)
		return 0;
	fclose(file);
	return pages * 4;
}

static double now_ns(void)
{
	struct timespec now;

	clock_gettime(CLOCK_PROCESS_CPUTIME_ID, &now);
	return (double)now.tv_sec * 1e9 + (double)now.tv_nsec;
}

int main(int argc, char **argv)
{
	long pairs, live, before;
	double start, end;

	if (argc != 5)
		return 2;
	kind = argv[1][0];
	bytes = strtoul(argv[2], NULL, 10);
	pairs = strtol(argv[3], NULL, 10);
	live = strtol(argv[4], NULL, 10);
	if (kind == 'c')
		cache = kmem_cache_create("bench", (unsigned)bytes, 0, 0, NULL);
	work(8, 100);
	start = now_ns();
	work(8, pairs / BATCH);
	end = now_ns();
	before = resident_kib();
	for (long i = 0; i < live; i++)
		memset(take(), 1, bytes);
	printf("%.1f %ld\n", (end - start) / (double)(pairs / BATCH * BATCH), resident_kib() - before);
	return 0;
}

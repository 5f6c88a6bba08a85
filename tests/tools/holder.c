/*
 * holder.c: a program whose heap profile is known. hold_much holds 20,000 objects of
 * 1000 bytes, hold_little 5000 of 200; pass_through allocates and frees 30,000 of 500.
 * "time N" instead: prints the nanoseconds of an allocation and a free, N times.
 */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>
#include <ukmem/slab.h>
#include <unistd.h>

#define NOINLINE __attribute__((noinline, noclone))

static struct kmem_cache *much, *little, *passing;
static void *held[25000];

NOINLINE static void hold_much(void)
{
	for (int i = 0; i < 20000; i++)
		held[i] = kmem_cache_alloc(much, GFP_KERNEL);
	__asm__ volatile("");
}

NOINLINE static void hold_little(void)
{
	for (int i = 20000; i < 25000; i++)
		held[i] = kmem_cache_alloc(little, GFP_KERNEL);
	__asm__ volatile("");
}

NOINLINE static void pass_through(void)
{
	for (int i = 0; i < 30000; i++)
		kmem_cache_free(passing, kmem_cache_alloc(passing, GFP_KERNEL));
	__asm__ volatile("");
}

NOINLINE static void work(void)
{
	hold_much();
	hold_little();
	pass_through();
	__asm__ volatile("");
}

static void measure(long rounds)
{
	struct timespec begin, end;

	clock_gettime(CLOCK_MONOTONIC, &begin);
	for (long i = 0; i < rounds; i++)
		kmem_cache_free(little, kmem_cache_alloc(little, GFP_KERNEL));
	clock_gettime(CLOCK_MONOTONIC, &end);
	printf("%.1f\n", ((double)(end.tv_sec - begin.tv_sec) * 1e9 +
			  (double)(end.tv_nsec - begin.tv_nsec)) / (double)rounds);
}

int main(int argc, char **argv)
{
	char byte;

	much = kmem_cache_create("much", 1000, 0, 0, NULL);
	little = kmem_cache_create("little", 200, 0, 0, NULL);
	passing = kmem_cache_create("passing", 500, 0, 0, NULL);
	if (argc > 2 && strcmp(argv[1], "time") == 0) {
		measure(atol(argv[2]));
		return 0;
	}
	work();
	printf("ready\n");
	fflush(stdout);
	while (read(STDIN_FILENO, &byte, 1) > 0)
		;
	return 0;
}

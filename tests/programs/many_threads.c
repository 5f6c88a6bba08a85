/*
 * many_threads.c: 10,000 threads, made and ended, each allocating, leave about as much
 * memory as one. Prints both; status 0 if the growth is at most 256 KiB.
 */
#define _GNU_SOURCE
#include <pthread.h>
#include <sched.h>
#include <stdatomic.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "resident.h"

enum { THREADS = 10000, BLOCKS = 200, MAX_GROWTH_KIB = 256 };

/*
 * How many wait for each other, each on a CPU of its own, to run at once: on a busy machine one
 * CPU might serve them all, and the second one's arrays, some 570 KiB, came later.
 */
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

static cpu_set_t cpus;

/* The @n-th that we may run on. */
static int cpu_number(int n)
{
	int cpu = -1;

	for (n %= CPU_COUNT(&cpus); n >= 0; n--)
		do
			cpu++;
		while (!CPU_ISSET(cpu, &cpus));
	return cpu;
}

static pthread_t start(int number)
{
	pthread_attr_t attributes;
	pthread_t thread;
	cpu_set_t set;

	CPU_ZERO(&set);
	CPU_SET(cpu_number(number), &set);
	pthread_attr_init(&attributes);
	if (number < wanted)
		pthread_attr_setaffinity_np(&attributes, sizeof(set), &set);
	if (pthread_create(&thread, &attributes, allocate, NULL) != 0)
		exit(2);
	pthread_attr_destroy(&attributes);
	return thread;
}

/* @count in all, @together at a time. */
static void run_threads(int count, int together)
{
	pthread_t threads[16];

	for (int done = 0; done < count; done += together) {
		atomic_store(&arrived, 0);
		for (int i = 0; i < together; i++)
			threads[i] = start(i);
		for (int i = 0; i < together; i++)
			if (pthread_join(threads[i], NULL) != 0)
				exit(2);
	}
}

int main(void)
{
	long one, all;

	if (sched_getaffinity(0, sizeof(cpus), &cpus) != 0)
		return 2;
	wanted = CPU_COUNT(&cpus) < 16 ? CPU_COUNT(&cpus) : 16;
	run_threads(1600, 16);          /* on every CPU every class has its array */
	wanted = 0;
	resident_bytes();               /* a first look makes pages resident, too */
	one = (long)(resident_bytes() / 1024);
	run_threads(THREADS, 1);
	all = (long)(resident_bytes() / 1024);
	printf("%ld KiB, after %d threads %ld KiB\n", one, THREADS, all);
	return all - one > MAX_GROWTH_KIB;
}

/*
 * worker.c: run one workload once and print its figures as one JSON line.
 *
 *   bench-BINDING WORKLOAD SIZE SECONDS
 */
#include "worker.h"

#include <sched.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>
#include <unistd.h>

#include "binding.h"

double now_ns(void)
{
	struct timespec time;

	clock_gettime(CLOCK_MONOTONIC, &time);
	return (double)time.tv_sec * 1e9 + (double)time.tv_nsec;
}

size_t resident_bytes(void)
{
	size_t pages = 0;
	FILE *file = fopen("/proc/self/statm", "r");

	if (file == NULL)
		return 0;
	if (fscanf(file, "%*u %zu", &pages) != 1)
		pages = 0;
	fclose(file);
	return pages * 4096;
}

static cpu_set_t allowed;

void pin(unsigned i)
{
	cpu_set_t one;
	unsigned count = (unsigned)CPU_COUNT(&allowed), seen = 0;

	for (int cpu = 0; cpu < CPU_SETSIZE; cpu++) {
		if (!CPU_ISSET(cpu, &allowed) || seen++ != i % count)
			continue;
		CPU_ZERO(&one);
		CPU_SET(cpu, &one);
		sched_setaffinity(0, sizeof(one), &one);
		return;
	}
}

static const struct workload *find(const char *name)
{
	for (const struct workload *w = workloads; w->name != NULL; w++)
		if (strcmp(w->name, name) == 0)
			return w;
	return NULL;
}

static int list(void)
{
	for (const struct workload *w = workloads; w->name != NULL; w++)
		printf("%s\t%d\t%d\t%s\n", w->name, w->sizes, w->threads, w->what);
	return 0;
}

int main(int argc, char **argv)
{
	struct job job = { 0 };
	struct result result = { 0 };
	const struct workload *workload;

	if (argc == 2 && strcmp(argv[1], "--list") == 0)
		return list();
	if (argc != 4 || (workload = find(argv[1])) == NULL) {
		fprintf(stderr, "usage: %s WORKLOAD SIZE SECONDS | --list\n", argv[0]);
		return 2;
	}
	sched_getaffinity(0, sizeof(allowed), &allowed);
	job.size = strtoul(argv[2], NULL, 10);
	job.seconds = strtod(argv[3], NULL);
	job.cpus = (unsigned)CPU_COUNT(&allowed);
#ifdef BINDING_IS_THREAD_UNSAFE
	if (workload->threads)
		return 3;
#endif
	workload->run(&job, &result);
	printf("{\"ns\":%.3f,\"alloc_ns\":%.3f,\"free_ns\":%.3f,\"peak_bytes\":%zu,"
	       "\"idle_bytes\":%zu,\"live_bytes\":%zu,\"live_objects\":%zu}\n",
	       result.ns, result.alloc_ns, result.free_ns, result.peak_bytes,
	       result.idle_bytes, result.live_bytes, result.live_objects);
	return 0;
}

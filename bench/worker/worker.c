/*
 * worker.c: run one workload once and print its figures as one JSON line.
 *
 *   bench-BINDING WORKLOAD SIZE SECONDS
 *
 * With BENCH_CPU_TIME in the environment it is the process's processor time that is measured: for
 * comparisons on a machine that does other things.
 */
#include "worker.h"

#include <math.h>
#include <sched.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

#include "binding.h"

static clockid_t the_clock = CLOCK_MONOTONIC;

double now_ns(void)
{
	struct timespec time;

	clock_gettime(the_clock, &time);
	return (double)time.tv_sec * 1e9 + (double)time.tv_nsec;
}

static cpu_set_t allowed;

void pin(unsigned i)
{
	cpu_set_t one;
	unsigned count = (unsigned)CPU_COUNT(&allowed), seen = 0;

	for (int cpu = CPU_SETSIZE; cpu-- > 0;) {
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
		printf("%s\t%s\t%s\n", w->name, w->kind, w->what);
	return 0;
}

/* What this binding can't do: threads without a lock, mixed sizes without malloc, ... */
static bool is_for_me(const struct workload *workload, size_t size)
{
#ifdef MIXED
	if (size != 0)
		return false;
#else
	if (size == 0)
		return false;
#endif
#ifdef POOL_IS_THREAD_UNSAFE
	if (strchr(workload->kind, 't') != NULL && strcmp(workload->name, "prodcons") != 0)
		return false;
#endif
#ifdef POOL_IS_NO_HEAP
	if (strchr(workload->kind, 'p') == NULL)
		return false;
#endif
	(void)workload;
	return true;
}

static void print(const struct result *result)
{
	const char *before = "{";

	for (int i = 0; i < FIGURES; i++) {
		if (isnan(result->value[i]))
			continue;
		printf("%s\"%s\":%.3f", before, figure_key[i], result->value[i]);
		before = ",";
	}
	printf("}\n");
}

int main(int argc, char **argv)
{
	struct job job = { 0 };
	struct result result;
	const struct workload *workload;

	if (argc == 2 && strcmp(argv[1], "--list") == 0)
		return list();
	if (argc != 4 || (workload = find(argv[1])) == NULL) {
		fprintf(stderr, "usage: %s WORKLOAD SIZE SECONDS | --list\n", argv[0]);
		return 2;
	}
	if (getenv("BENCH_CPU_TIME") != NULL)
		the_clock = CLOCK_PROCESS_CPUTIME_ID;
	sched_getaffinity(0, sizeof(allowed), &allowed);
	job.size = strtoul(argv[2], NULL, 10);
	job.seconds = strtod(argv[3], NULL);
	job.cpus = (unsigned)CPU_COUNT(&allowed);
	if (!is_for_me(workload, job.size))
		return EXIT_NOT_FOR_ME;
	for (int i = 0; i < FIGURES; i++)
		result.value[i] = NAN;
	workload->run(&job, &result);
	result.value[FIGURE_PROCESS_BYTES] = resident_peak_bytes();
	print(&result);
	return 0;
}

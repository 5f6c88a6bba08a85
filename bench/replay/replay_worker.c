/*
 * replay_worker.c: play one recorded kernel trace through one allocator.
 *
 *   bench-replay ukmem|malloc FILE SECONDS
 *
 * The first time it is played memory is watched: the peak, less what the process had at
 * its start and what the replay keeps itself. What the allocator kept of the loading's
 * freed memory is its own: it may use it, and it is counted (glibc's, which is beside
 * ukmem too, is trimmed). Then it is played again and again, at least three times,
 * until the time is over: the median is the figure. A word is written into each object
 * and looked at again.
 */
#include <malloc.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>

#include "../figures.h"
#include "memory.h"
#include "round.h"
#include "say.h"

enum { TIMES_MAX = 101 };

static bool play_once(const struct round *round, double *seconds)
{
	return round_play(round, seconds) && round_free_live(round);
}

static int compare(const void *a, const void *b)
{
	double x = *(const double *)a, y = *(const double *)b;

	return (x > y) - (x < y);
}

static double play_for(const struct round *round, double seconds)
{
	double times[TIMES_MAX], spent = 0;
	int count = 0;

	while (count < 3 || (spent < seconds && count < TIMES_MAX)) {
		if (!play_once(round, &times[count]))
			exit(EXIT_FAILURE);
		spent += times[count++];
	}
	qsort(times, (size_t)count, sizeof(*times), compare);
	return times[count / 2];
}

/* What the replay itself keeps resident: records, steps, waits, slots. */
static int64_t own_bytes(const struct round *round)
{
	size_t bytes = round->trace->events * sizeof(struct trace_record) +
		       round->trace->slots * sizeof(struct slot);

	for (uint32_t i = 0; i < round->program->cpus; i++)
		bytes += round->program->cpu[i].steps_count * sizeof(struct step) +
			 round->program->cpu[i].waits_count * sizeof(struct wait);
	return (int64_t)bytes;
}

/* @base: resident before anything was loaded. */
static void play(const struct round *round, int64_t base, double seconds)
{
	int64_t peak;
	double first;

	memory_peak_reset();
	if (!play_once(round, &first))
		exit(EXIT_FAILURE);
	peak = memory_peak_bytes() - base - own_bytes(round);
	printf("{\"%s\":%.3f,\"%s\":%.3f,\"%s\":%.3f}\n",
	       figure_key[FIGURE_NS],
	       play_for(round, seconds) * 1e9 / round->trace->events,
	       figure_key[FIGURE_FIRST_NS], first * 1e9 / round->trace->events,
	       figure_key[FIGURE_PEAK_BYTES], (double)peak);
}

static void *make_slots(const struct trace *trace)
{
	void *slots = mmap(NULL, (trace->slots + 1ul) * sizeof(struct slot), PROT_READ | PROT_WRITE,
			   MAP_PRIVATE | MAP_ANONYMOUS | MAP_POPULATE, -1, 0);

	return slots == MAP_FAILED ? NULL : slots;
}

int main(int argc, char **argv)
{
	struct program program;
	struct kinds kinds = { 0 };
	struct trace trace = { 0 };
	struct round round = { .trace = &trace, .program = &program, .kinds = &kinds,
			       .check = true, .pin = true };
	int64_t base = memory_now_bytes();

	if (argc != 4) {
		fprintf(stderr, "usage: %s ukmem|malloc FILE SECONDS\n", argv[0]);
		return EXIT_USAGE;
	}
	round.allocator = strcmp(argv[1], "malloc") == 0 ? ALLOCATOR_MALLOC : ALLOCATOR_UKMEM;
	if (!trace_load(&trace, argv[2]))
		return EXIT_USAGE;
	round.slots = make_slots(&trace);
	if (round.slots == NULL || !program_make(&program, &trace) || !kinds_create(&kinds, &trace))
		return EXIT_FAILURE;
	malloc_trim(0);
	play(&round, base, strtod(argv[3], NULL));
	return EXIT_SUCCESS;
}

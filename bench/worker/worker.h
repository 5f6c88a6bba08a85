/*
 * worker.h: a workload, and what it measures.
 */
#ifndef BENCH_WORKER_H
#define BENCH_WORKER_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "../figures.h"

/* What to run: filled in from the command line. */
struct job {
	size_t size;            /* bytes of an object; 0: mixed */
	double seconds;         /* how long one sample should take */
	unsigned cpus;          /* that this process may use */
};

struct result {
	double value[FIGURES];
};

struct workload {
	const char *name, *what;
	void (*run)(const struct job *job, struct result *result);
	const char *kind;       /* what ukmem bench must know of it; see list.c */
};

extern const struct workload workloads[];

double now_ns(void);

/* Pin this thread to the @i-th CPU it may use, counted from the last: the first one
   has most of the interrupts. */
void pin(unsigned i);

/* ---- memory.c ------------------------------------------------------------------- */

/* What is resident of this process now, exactly, and at most since its start. */
double resident_bytes(void);
double resident_peak_bytes(void);

/* Memory of the harness's own, touched, which no allocator under test sees. */
void *own_memory(size_t bytes);

/* ---- small things every workload needs -------------------------------------------- */

/* A fast random number: xorshift. */
static inline uint32_t next_random(uint32_t *state)
{
	*state ^= *state << 13;
	*state ^= *state >> 17;
	*state ^= *state << 5;
	return *state;
}

static inline uint32_t random_below(uint32_t *state, uint32_t end)
{
	return (uint32_t)(((uint64_t)next_random(state) * end) >> 32);
}

/* The compiler must believe that the object is used. */
static inline void touch(void *object)
{
	*(volatile char *)object = 1;
}

#endif

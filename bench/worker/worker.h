/*
 * worker.h: a workload, and what it measures.
 */
#ifndef BENCH_WORKER_H
#define BENCH_WORKER_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

/* What to run: filled in from the command line. */
struct job {
	size_t size;            /* bytes of an object */
	double seconds;         /* how long one sample should take */
	unsigned cpus;          /* that this process may use */
};

/* What came out. ns is for an alloc and a free together, unless the name says else. */
struct result {
	double ns;
	double alloc_ns, free_ns;       /* burst only */
	size_t peak_bytes;              /* resident, above the start */
	size_t idle_bytes;              /* resident 5 s after all was freed */
	size_t live_bytes;              /* asked for at the peak */
	size_t live_objects;
};

struct workload {
	const char *name, *what;
	void (*run)(const struct job *job, struct result *result);
	bool threads;           /* runs more than one thread */
	bool sizes;             /* runs at each size; else once */
};

extern const struct workload workloads[];

/* ---- helpers, clock.c and memory of this process -------------------------------- */

double now_ns(void);
size_t resident_bytes(void);

/* Pin this thread to the @i-th CPU it may use. */
void pin(unsigned i);

/* A fast random number: xorshift. */
static inline uint32_t next_random(uint32_t *state)
{
	*state ^= *state << 13;
	*state ^= *state >> 17;
	*state ^= *state << 5;
	return *state;
}

/* The compiler must believe that the object is used. */
static inline void touch(void *object)
{
	*(volatile char *)object = 1;
}

#endif

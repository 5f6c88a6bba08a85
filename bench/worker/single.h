/*
 * single.h: workloads of one thread, and what the threaded ones share with them.
 */
#ifndef BENCH_SINGLE_H
#define BENCH_SINGLE_H

#include <pthread.h>

#include "binding.h"
#include "worker.h"

void run_pair(const struct job *job, struct result *result);
void run_batch(const struct job *job, struct result *result);
void run_fifo(const struct job *job, struct result *result);
void run_random(const struct job *job, struct result *result);
void run_burst(const struct job *job, struct result *result);
void run_idle(const struct job *job, struct result *result);
void run_bulk(const struct job *job, struct result *result);

/* steps.c */
void run_steps(const struct job *job, struct result *result);

/* Ns for a free and an alloc. @gate: all threads are through it before the clock starts. */
double random_replacement(pool_t pool, const struct job *job, uint32_t seed,
			  pthread_barrier_t *gate);

#endif

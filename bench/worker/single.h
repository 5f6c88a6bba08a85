/*
 * single.h: workloads of one thread, and what the threaded ones share with them.
 */
#ifndef BENCH_SINGLE_H
#define BENCH_SINGLE_H

#include "binding.h"
#include "worker.h"

void run_pair(const struct job *job, struct result *result);
void run_batch(const struct job *job, struct result *result);
void run_fifo(const struct job *job, struct result *result);
void run_random(const struct job *job, struct result *result);
void run_burst(const struct job *job, struct result *result);
void run_idle(const struct job *job, struct result *result);
void run_bulk(const struct job *job, struct result *result);

void random_replacement(pool_t pool, double seconds, uint32_t seed, double *ns);
void *own_memory(size_t bytes);

#endif

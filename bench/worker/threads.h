/*
 * threads.h: workloads of several threads.
 */
#ifndef BENCH_THREADS_H
#define BENCH_THREADS_H

#include "worker.h"

void run_random_all(const struct job *job, struct result *result);
void run_crowd(const struct job *job, struct result *result);
void run_prodcons(const struct job *job, struct result *result);
void run_larson(const struct job *job, struct result *result);
void run_churn(const struct job *job, struct result *result);

/* latency.c */
void run_latency(const struct job *job, struct result *result);

#endif

/*
 * list.c: all workloads.
 */
#include "single.h"
#include "threads.h"

const struct workload workloads[] = {
	{ "pair", "alloc and free, one object", run_pair, false, true },
	{ "batch", "100 objects, freed last first", run_batch, false, true },
	{ "fifo", "a window of 10,000, oldest replaced", run_fifo, false, true },
	{ "random", "100,000 live, one replaced at random", run_random, false, true },
	{ "random-all", "the same on every CPU at once", run_random_all, true, true },
	{ "prodcons", "one thread allocates, another frees", run_prodcons, true, true },
	{ "larson", "threads leave what they own to their successors", run_larson, true, true },
	{ "burst", "1,000,000 objects, freed in random order, again", run_burst, false, true },
	{ "bulk", "32 objects at a time", run_bulk, false, true },
	{ "crowd", "64 threads on all CPUs", run_crowd, true, true },
	{ "churn", "10,000 threads, one after another (ns each)", run_churn, true, false },
	{ "idle", "what is still held 5 s after a burst", run_idle, false, false },
	{ 0 },
};

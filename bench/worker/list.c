/*
 * list.c: all workloads.
 *
 * What ukmem bench must know of each, by letters:
 *   s  runs at each size; else with 64-byte objects alone
 *   m  runs with mixed sizes too; M: with these alone
 *   t  has threads: its samples are compared only if the CPUs were as far apart
 *   h  hot: many process starts, because where things lie in memory decides
 *   p  a fixed pool of objects can do it too (DPDK)
 *   c  more threads than CPUs, or rare events: needs a longer sample
 *   i  looks at the memory of an idle program: all allocators at once, few rounds
 *   x  counts instructions: once is enough
 */
#include "single.h"
#include "threads.h"

const struct workload workloads[] = {
	{ "pair", "alloc and free, one object", run_pair, "smhp" },
	{ "batch", "100 objects, freed last first", run_batch, "smhp" },
	{ "fifo", "a window of 10,000, oldest replaced", run_fifo, "sh" },
	{ "random", "100,000 live, one replaced at random", run_random, "smp" },
	{ "random-all", "the same on every CPU at once", run_random_all, "smt" },
	{ "prodcons", "one thread allocates, another frees", run_prodcons, "smtp" },
	{ "larson", "threads leave what they own to their successors", run_larson, "smtp" },
	{ "burst", "1,000,000 objects, freed in random order, again", run_burst, "s" },
	{ "bulk", "32 objects at a time", run_bulk, "s" },
	{ "crowd", "64 threads on all CPUs", run_crowd, "stc" },
	{ "churn", "10,000 threads, one after another (ns each)", run_churn, "" },
	{ "latency", "single operations, mixed sizes, all CPUs busy", run_latency, "Mtc" },
	{ "idle", "what is still held 5 s after a burst", run_idle, "i" },
	{ "steps", "instructions inside the allocator, one by one", run_steps, "x" },
	{ 0 },
};

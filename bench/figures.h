/*
 * figures.h: what a worker may measure; the worker prints it, ukmem bench reads it.
 *
 * A figure that a workload has not is NAN and not printed.
 */
#ifndef BENCH_FIGURES_H
#define BENCH_FIGURES_H

/* FIGURE(name in C, name in JSON) */
#define FIGURE_LIST(FIGURE)                                                             \
	/* ns for an alloc and a free together, unless the workload says else */       \
	FIGURE(NS, "ns")                                                                \
	FIGURE(ALLOC_NS, "alloc_ns")                                                    \
	FIGURE(FREE_NS, "free_ns")                                                      \
	/* the first time, from nothing (replay) */                                     \
	FIGURE(FIRST_NS, "first_ns")                                                    \
	/* resident bytes: at the start; above it at the peak, just after all was      \
	   freed, and 5 idle seconds later; the most the whole process had */          \
	FIGURE(BASE_BYTES, "base_bytes")                                                \
	FIGURE(PEAK_BYTES, "peak_bytes")                                                \
	FIGURE(LEFT_BYTES, "left_bytes")                                                \
	FIGURE(IDLE_BYTES, "idle_bytes")                                                \
	FIGURE(PROCESS_BYTES, "process_bytes")                                          \
	FIGURE(LIVE_BYTES, "live_bytes")                                                \
	FIGURE(LIVE_OBJECTS, "live_objects")                                            \
	/* one operation's time: allocations, frees, and both in one histogram */      \
	FIGURE(ALLOC_P50, "alloc_p50_ns")                                               \
	FIGURE(ALLOC_P99, "alloc_p99_ns")                                               \
	FIGURE(ALLOC_P9999, "alloc_p9999_ns")                                           \
	FIGURE(ALLOC_MAX, "alloc_max_ns")                                               \
	FIGURE(FREE_P50, "free_p50_ns")                                                 \
	FIGURE(FREE_P99, "free_p99_ns")                                                 \
	FIGURE(FREE_P9999, "free_p9999_ns")                                             \
	FIGURE(FREE_MAX, "free_max_ns")                                                 \
	FIGURE(ANY_P50, "any_p50_ns")                                                   \
	FIGURE(ANY_P99, "any_p99_ns")                                                   \
	FIGURE(ANY_P9999, "any_p9999_ns")                                               \
	FIGURE(ANY_MAX, "any_max_ns")                                                   \
	/* instructions inside the allocator, by single stepping: the median call (a   \
	   hit), the mean over all calls, the mean over calls twice the median, and     \
	   how many those are; atomic instructions likewise */                          \
	FIGURE(ALLOC_HIT_STEPS, "alloc_hit_steps")                                      \
	FIGURE(ALLOC_MEAN_STEPS, "alloc_mean_steps")                                    \
	FIGURE(ALLOC_MISS_STEPS, "alloc_miss_steps")                                    \
	FIGURE(ALLOC_MISSES, "alloc_miss_share")                                        \
	FIGURE(ALLOC_HIT_ATOMICS, "alloc_hit_atomics")                                  \
	FIGURE(ALLOC_MEAN_ATOMICS, "alloc_mean_atomics")                                \
	FIGURE(FREE_HIT_STEPS, "free_hit_steps")                                        \
	FIGURE(FREE_MEAN_STEPS, "free_mean_steps")                                      \
	FIGURE(FREE_MISS_STEPS, "free_miss_steps")                                      \
	FIGURE(FREE_MISSES, "free_miss_share")                                          \
	FIGURE(FREE_HIT_ATOMICS, "free_hit_atomics")                                    \
	FIGURE(FREE_MEAN_ATOMICS, "free_mean_atomics")

enum figure {
#define FIGURE(name, key) FIGURE_##name,
	FIGURE_LIST(FIGURE)
#undef FIGURE
	FIGURES
};

static const char *const figure_key[FIGURES] = {
#define FIGURE(name, key) key,
	FIGURE_LIST(FIGURE)
#undef FIGURE
};

/* A worker's exit status: this binding has no such workload. */
enum { EXIT_NOT_FOR_ME = 3 };

#endif

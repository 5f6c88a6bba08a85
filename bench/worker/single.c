/*
 * single.c: workloads of one thread.
 *
 * Each goes its way once before the clock starts: measured is the steady state.
 */
#include "single.h"

#include <math.h>
#include <stdlib.h>
#include <sys/mman.h>
#include <unistd.h>

enum { BATCH = 100, WINDOW = 10000, LIVE = 100000, BURST = 1000000, BULK = 32 };

/* Repeat @round, of @pairs pairs, until the time is over; best to keep it inlined. */
#define MEASURE(job, ns, pairs, round)                                          \
	do {                                                                    \
		double start = now_ns(), end = start + (job)->seconds * 1e9, now; \
		double done = 0;                                                \
		do {                                                            \
			round;                                                  \
			done += (pairs);                                        \
			now = now_ns();                                         \
		} while (now < end);                                            \
		(ns) = (now - start) / done;                                    \
	} while (0)

void run_pair(const struct job *job, struct result *result)
{
	pool_t pool = pool_new(job->size, 1);

	pin(0);
	pool_free(pool, pool_alloc(pool));
	MEASURE(job, result->value[FIGURE_NS], 100000, {
		for (int i = 0; i < 100000; i++) {
			void *object = pool_alloc(pool);

			touch(object);
			pool_free(pool, object);
		}
	});
}

static void batch_round(pool_t pool, void **objects)
{
	for (int i = 0; i < BATCH; i++) {
		objects[i] = pool_alloc(pool);
		touch(objects[i]);
	}
	for (int i = BATCH; i-- > 0;)
		pool_free(pool, objects[i]);
}

void run_batch(const struct job *job, struct result *result)
{
	pool_t pool = pool_new(job->size, BATCH);
	void *objects[BATCH];

	pin(0);
	batch_round(pool, objects);
	MEASURE(job, result->value[FIGURE_NS], BATCH * 100, {
		for (int i = 0; i < 100; i++)
			batch_round(pool, objects);
	});
}

static void fifo_round(pool_t pool, void **ring)
{
	for (int i = 0; i < WINDOW; i++) {
		pool_free(pool, ring[i]);
		ring[i] = pool_alloc(pool);
		touch(ring[i]);
	}
}

void run_fifo(const struct job *job, struct result *result)
{
	pool_t pool = pool_new(job->size, WINDOW);
	void **ring = own_memory(WINDOW * sizeof(void *));

	pin(0);
	for (int i = 0; i < WINDOW; i++)
		ring[i] = pool_alloc(pool);
	fifo_round(pool, ring);
	MEASURE(job, result->value[FIGURE_NS], WINDOW, fifo_round(pool, ring));
}

static void replace(pool_t pool, void **live, uint32_t *seed, int count)
{
	for (int i = 0; i < count; i++) {
		uint32_t at = random_below(seed, LIVE);

		pool_free(pool, live[at]);
		live[at] = pool_alloc(pool);
		touch(live[at]);
	}
}

/* Three times as many replacements as objects: one in twenty is where it was. */
double random_replacement(pool_t pool, const struct job *job, uint32_t seed,
			  pthread_barrier_t *gate)
{
	void **live = own_memory(LIVE * sizeof(void *));
	double ns;

	for (int i = 0; i < LIVE; i++) {
		live[i] = pool_alloc(pool);
		touch(live[i]);
	}
	replace(pool, live, &seed, 3 * LIVE);
	if (gate != NULL)
		pthread_barrier_wait(gate);
	MEASURE(job, ns, 10000, replace(pool, live, &seed, 10000));
	return ns;
}

void run_random(const struct job *job, struct result *result)
{
	pool_t pool = pool_new(job->size, LIVE);

	pin(0);
	result->value[FIGURE_NS] = random_replacement(pool, job, 2463534242u, NULL);
}

static void shuffle(void **objects, size_t count, uint32_t seed)
{
	for (size_t i = count - 1; i > 0; i--) {
		size_t j = random_below(&seed, (uint32_t)i + 1);
		void *kept = objects[i];

		objects[i] = objects[j];
		objects[j] = kept;
	}
}

struct burst {
	void **objects;
	size_t count;
	double alloc_ns, free_ns, peak_bytes;   /* of the last round */
};

static void burst_round(struct burst *burst, pool_t pool, uint32_t seed)
{
	double start = now_ns();

	for (size_t i = 0; i < burst->count; i++) {
		burst->objects[i] = pool_alloc(pool);
		touch(burst->objects[i]);
	}
	burst->alloc_ns = now_ns() - start;
	burst->peak_bytes = resident_bytes();
	shuffle(burst->objects, burst->count, seed);
	start = now_ns();
	for (size_t i = 0; i < burst->count; i++)
		pool_free(pool, burst->objects[i]);
	burst->free_ns = now_ns() - start;
}

/* The second round and later: the heap is as large as it gets, and its order is random. */
static void bursts(pool_t pool, size_t size, unsigned rounds, struct result *result)
{
	struct burst burst = { .count = size > 256 ? BURST / 8 : BURST };
	double alloc_ns = 0, free_ns = 0, base, pairs;

	burst.objects = own_memory(burst.count * sizeof(void *));
	base = resident_bytes();
	for (unsigned round = 0; round <= rounds; round++) {
		burst_round(&burst, pool, 88172645u + round);
		alloc_ns += round > 0 ? burst.alloc_ns : 0;
		free_ns += round > 0 ? burst.free_ns : 0;
	}
	munmap(burst.objects, burst.count * sizeof(void *));
	pairs = (double)burst.count * rounds;
	result->value[FIGURE_PEAK_BYTES] = burst.peak_bytes - base;
	result->value[FIGURE_LIVE_OBJECTS] = (double)burst.count;
	result->value[FIGURE_LIVE_BYTES] = (double)(burst.count * size);
	result->value[FIGURE_ALLOC_NS] = alloc_ns / pairs;
	result->value[FIGURE_FREE_NS] = free_ns / pairs;
	result->value[FIGURE_NS] = (alloc_ns + free_ns) / pairs;
}

void run_burst(const struct job *job, struct result *result)
{
	pool_t pool = pool_new(job->size, BURST);

	pin(0);
	pool_free(pool, pool_alloc(pool));
	bursts(pool, job->size, job->seconds > 0.5 ? 4 : 2, result);
}

/* All freed, and then no call for five seconds: what does the process still hold? */
void run_idle(const struct job *job, struct result *result)
{
	pool_t pool = pool_new(job->size, BURST);
	double base;

	pin(0);
	pool_free(pool, pool_alloc(pool));
	base = resident_bytes();
	bursts(pool, job->size, 2, result);
	result->value[FIGURE_NS] = NAN;
	result->value[FIGURE_BASE_BYTES] = base;
	result->value[FIGURE_LEFT_BYTES] = resident_bytes() - base;
	sleep(5);
	result->value[FIGURE_IDLE_BYTES] = resident_bytes() - base;
}

static void bulk_round(pool_t pool, void **objects)
{
#ifdef BIND_UKMEM
	kmem_cache_alloc_bulk(pool, GFP_KERNEL, BULK, objects);
	kmem_cache_free_bulk(pool, BULK, objects);
#else
	for (int k = 0; k < BULK; k++)
		objects[k] = pool_alloc(pool);
	for (int k = 0; k < BULK; k++)
		pool_free(pool, objects[k]);
#endif
}

void run_bulk(const struct job *job, struct result *result)
{
	pool_t pool = pool_new(job->size, BULK);
	void *objects[BULK];

	pin(0);
	bulk_round(pool, objects);
	MEASURE(job, result->value[FIGURE_NS], BULK * 1000, {
		for (int i = 0; i < 1000; i++)
			bulk_round(pool, objects);
	});
}

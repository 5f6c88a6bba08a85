/*
 * single.c: workloads of one thread.
 */
#include "single.h"

#include <stdlib.h>
#include <sys/mman.h>
#include <unistd.h>

#include "binding.h"

/* Memory of the harness's own, which no allocator under test sees. */
void *own_memory(size_t bytes)
{
	return mmap(NULL, bytes, PROT_READ | PROT_WRITE,
		    MAP_PRIVATE | MAP_ANONYMOUS | MAP_POPULATE, -1, 0);
}

enum { BATCH = 100, WINDOW = 10000, LIVE = 100000, BURST = 1000000, BULK = 32 };

/* Repeat @round, of @pairs pairs, until the time is over; best to keep it inlined. */
#define MEASURE(job, result, pairs, round)                                      \
	do {                                                                    \
		double start = now_ns(), end = start + (job)->seconds * 1e9, now; \
		double done = 0;                                                \
		do {                                                            \
			round;                                                  \
			done += (pairs);                                        \
			now = now_ns();                                         \
		} while (now < end);                                            \
		(result)->ns = (now - start) / done;                            \
	} while (0)

void run_pair(const struct job *job, struct result *result)
{
	pool_t pool = pool_new(job->size);

	pin(0);
	pool_free(pool, pool_alloc(pool));
	MEASURE(job, result, 100000, {
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
	pool_t pool = pool_new(job->size);
	void *objects[BATCH];

	pin(0);
	batch_round(pool, objects);
	MEASURE(job, result, BATCH * 1000, {
		for (int i = 0; i < 1000; i++)
			batch_round(pool, objects);
	});
}

void run_fifo(const struct job *job, struct result *result)
{
	pool_t pool = pool_new(job->size);
	void **ring = own_memory(WINDOW * sizeof(void *));

	pin(0);
	for (int i = 0; i < WINDOW; i++)
		ring[i] = pool_alloc(pool);
	MEASURE(job, result, WINDOW, {
		for (int i = 0; i < WINDOW; i++) {
			pool_free(pool, ring[i]);
			ring[i] = pool_alloc(pool);
			touch(ring[i]);
		}
	});
}

void random_replacement(pool_t pool, double seconds, uint32_t seed, double *ns)
{
	struct job job = { .seconds = seconds };
	struct result result = { 0 };
	void **live = own_memory(LIVE * sizeof(void *));

	for (int i = 0; i < LIVE; i++) {
		live[i] = pool_alloc(pool);
		touch(live[i]);
	}
	MEASURE(&job, &result, 100000, {
		for (int i = 0; i < 100000; i++) {
			uint32_t at = (uint32_t)(((uint64_t)next_random(&seed) * LIVE) >> 32);

			pool_free(pool, live[at]);
			live[at] = pool_alloc(pool);
			touch(live[at]);
		}
	});
	for (int i = 0; i < LIVE; i++)
		pool_free(pool, live[i]);
	munmap(live, LIVE * sizeof(void *));
	*ns = result.ns;
}

void run_random(const struct job *job, struct result *result)
{
	pin(0);
	random_replacement(pool_new(job->size), job->seconds, 2463534242u, &result->ns);
}

static void shuffle(void **objects, size_t count, uint32_t seed)
{
	for (size_t i = count - 1; i > 0; i--) {
		size_t j = ((uint64_t)next_random(&seed) * (i + 1)) >> 32;
		void *kept = objects[i];

		objects[i] = objects[j];
		objects[j] = kept;
	}
}

/* The second round and later: the heap is as large as it gets. */
void run_burst(const struct job *job, struct result *result)
{
	pool_t pool = pool_new(job->size);
	size_t count = job->size > 256 ? BURST / 8 : BURST;
	void **objects = own_memory(count * sizeof(void *));
	size_t base = resident_bytes();
	double alloc_ns = 0, free_ns = 0, start;
	int rounds = job->seconds > 0.5 ? 4 : 2;

	pin(0);
	for (int round = 0; round <= rounds; round++) {
		start = now_ns();
		for (size_t i = 0; i < count; i++) {
			objects[i] = pool_alloc(pool);
			touch(objects[i]);
		}
		alloc_ns += round > 0 ? now_ns() - start : 0;
		result->peak_bytes = resident_bytes() - base;
		shuffle(objects, count, 88172645u + (uint32_t)round);
		start = now_ns();
		for (size_t i = 0; i < count; i++)
			pool_free(pool, objects[i]);
		free_ns += round > 0 ? now_ns() - start : 0;
	}
	munmap(objects, count * sizeof(void *));
	result->live_objects = count;
	result->live_bytes = count * job->size;
	result->alloc_ns = alloc_ns / (double)count / rounds;
	result->free_ns = free_ns / (double)count / rounds;
	result->ns = result->alloc_ns + result->free_ns;
}

/* All freed, and then no call for five seconds: what does the process still hold? */
void run_idle(const struct job *job, struct result *result)
{
	struct job burst = { .size = job->size, .seconds = 0.1 };
	size_t base;

	pool_free(pool_new(job->size), pool_alloc(pool_new(job->size)));
	base = resident_bytes();
	run_burst(&burst, result);
	sleep(5);
	result->idle_bytes = resident_bytes() - base;
}

void run_bulk(const struct job *job, struct result *result)
{
	pool_t pool = pool_new(job->size);
	void *objects[BULK];

	pin(0);
	MEASURE(job, result, BULK * 1000, {
		for (int i = 0; i < 1000; i++) {
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
	});
}

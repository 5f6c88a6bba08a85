/*
 * threads.c: workloads of several threads.
 */
#include "threads.h"

#include <pthread.h>
#include <sched.h>
#include <stdatomic.h>
#include <stdlib.h>
#include <sys/mman.h>

#include "single.h"

enum { RING = 1024, OWNED = 1000, CHURN_THREADS = 10000, MANY = 64 };

/* ---- every CPU does the same on its own ----------------------------------------- */

struct lane {
	pthread_t thread;
	pool_t pool;
	double seconds, ns;
	unsigned number;
};

static void *random_lane(void *argument)
{
	struct lane *lane = argument;

	pin(lane->number);
	random_replacement(lane->pool, lane->seconds, 2463534242u + lane->number, &lane->ns);
	return NULL;
}

static void run_lanes(const struct job *job, struct result *result, unsigned count,
		      void *(*body)(void *))
{
	struct lane lanes[MANY];
	pool_t pool = pool_new(job->size);
	double rate = 0;        /* pairs a ns, over all: a starved thread counts little */

	for (unsigned i = 0; i < count; i++) {
		lanes[i] = (struct lane){ .pool = pool, .seconds = job->seconds, .number = i };
		pthread_create(&lanes[i].thread, NULL, body, &lanes[i]);
	}
	for (unsigned i = 0; i < count; i++) {
		pthread_join(lanes[i].thread, NULL);
		rate += 1 / lanes[i].ns;
	}
	result->ns = (count < job->cpus ? count : job->cpus) / rate;
}

void run_random_all(const struct job *job, struct result *result)
{
	run_lanes(job, result, job->cpus < MANY ? job->cpus : MANY, random_lane);
}

/* More threads than CPUs: each makes and frees small batches, and is preempted. */
static void *crowded_lane(void *argument)
{
	struct lane *lane = argument;
	void *objects[100];
	double start = now_ns(), end = start + lane->seconds * 1e9, pairs = 0;

	for (; now_ns() < end; pairs += 100 * 100)
		for (int round = 0; round < 100; round++) {
			for (int i = 0; i < 100; i++)
				touch(objects[i] = pool_alloc(lane->pool));
			for (int i = 0; i < 100; i++)
				pool_free(lane->pool, objects[i]);
		}
	lane->ns = (now_ns() - start) / pairs;
	return NULL;
}

void run_crowd(const struct job *job, struct result *result)
{
	run_lanes(job, result, MANY, crowded_lane);
}

/* ---- producer -> consumer: every free is of another thread's object --------------- */

struct ring {
	_Alignas(64) _Atomic uint64_t head;
	_Alignas(64) _Atomic uint64_t tail;
	_Alignas(64) _Atomic int stop;
	void *slot[RING];
	pool_t pool;
};

static void *consume(void *argument)
{
	struct ring *ring = argument;
	uint64_t tail = 0;

	pin(1);
	for (;;) {
		uint64_t head = atomic_load_explicit(&ring->head, memory_order_acquire);

		if (head == tail) {
			if (atomic_load_explicit(&ring->stop, memory_order_acquire) &&
			    atomic_load(&ring->head) == tail)
				return NULL;
			continue;
		}
		for (; tail < head; tail++)
			pool_free(ring->pool, ring->slot[tail % RING]);
		atomic_store_explicit(&ring->tail, tail, memory_order_release);
	}
}

static void produce(struct ring *ring, uint64_t *head, int count)
{
	for (int i = 0; i < count; i++) {
		while (*head - atomic_load_explicit(&ring->tail, memory_order_acquire) == RING)
			;
		touch(ring->slot[*head % RING] = pool_alloc(ring->pool));
		++*head;
		if (*head % 32 == 0)
			atomic_store_explicit(&ring->head, *head, memory_order_release);
	}
}

void run_prodcons(const struct job *job, struct result *result)
{
	struct ring *ring = own_memory(sizeof(*ring));
	double start, end, now;
	uint64_t head = 0;
	pthread_t consumer;

	ring->pool = pool_new(job->size);
	pthread_create(&consumer, NULL, consume, ring);
	pin(0);
	start = now_ns();
	end = start + job->seconds * 1e9;
	do {
		produce(ring, &head, 32 * 1000);
		now = now_ns();
	} while (now < end);
	result->ns = (now - start) / (double)head;
	atomic_store_explicit(&ring->head, head, memory_order_release);
	atomic_store_explicit(&ring->stop, 1, memory_order_release);
	pthread_join(consumer, NULL);
}

/* ---- larson: threads hand what they own to their successors ----------------------- */

struct owner {
	pthread_t thread;
	pool_t pool;
	void **objects;
	double end, pairs;
	uint32_t seed;
	unsigned number;
};

/* One generation: random replacement among what the last owner left. */
static void *own(void *argument)
{
	struct owner *owner = argument;

	pin(owner->number);
	for (int i = 0; i < 100000; i++) {
		uint32_t at = (uint32_t)(((uint64_t)next_random(&owner->seed) * OWNED) >> 32);

		pool_free(owner->pool, owner->objects[at]);
		touch(owner->objects[at] = pool_alloc(owner->pool));
	}
	owner->pairs += 100000;
	return NULL;
}

void run_larson(const struct job *job, struct result *result)
{
	unsigned count = job->cpus < MANY ? job->cpus : MANY;
	struct owner owners[MANY];
	double start, end, pairs = 0;
	pool_t pool = pool_new(job->size);

	for (unsigned i = 0; i < count; i++) {
		owners[i] = (struct owner){ .pool = pool, .seed = 2463534242u + i, .number = i,
			.objects = own_memory(OWNED * sizeof(void *)) };
		for (int k = 0; k < OWNED; k++)
			owners[i].objects[k] = pool_alloc(pool);
	}
	start = now_ns();
	end = start + job->seconds * 1e9;
	while (now_ns() < end)
		for (unsigned turn = 0; turn < 2; turn++) {
			for (unsigned i = 0; i < count; i++) {
				owners[i].number = i + turn;    /* the next one runs elsewhere */
				pthread_create(&owners[i].thread, NULL, own, &owners[i]);
			}
			for (unsigned i = 0; i < count; i++)
				pthread_join(owners[i].thread, NULL);
		}
	for (unsigned i = 0; i < count; i++)
		pairs += owners[i].pairs;
	result->ns = (now_ns() - start) / pairs * count;
}

/* ---- threads that live for a few allocations --------------------------------------- */

static void *short_life(void *argument)
{
	pool_t *pool = argument;
	void *objects[32];

	for (int i = 0; i < 32; i++)
		touch(objects[i] = pool_alloc(*pool));
	for (int i = 0; i < 32; i++)
		pool_free(*pool, objects[i]);
	return NULL;
}

static void one_thread(pool_t *pool)
{
	pthread_t thread;

	pthread_create(&thread, NULL, short_life, pool);
	pthread_join(thread, NULL);
}

void run_churn(const struct job *job, struct result *result)
{
	pool_t pool = pool_new(job->size);
	int count = job->seconds < 0.2 ? CHURN_THREADS / 10 : CHURN_THREADS;
	size_t base;
	double start;

	for (int i = 0; i < 100; i++)
		one_thread(&pool);
	base = resident_bytes();
	start = now_ns();
	for (int i = 0; i < count; i++)
		one_thread(&pool);
	result->ns = (now_ns() - start) / count;
	result->peak_bytes = resident_bytes() > base ? resident_bytes() - base : 0;
}

/*
 * threads.c: workloads of several threads.
 */
#include "threads.h"

#include <sched.h>
#include <stdatomic.h>
#include <stdlib.h>

#include "single.h"

enum { LIVE = 100000, RING = 1024, OWNED = 1000, CHURN_THREADS = 10000, MANY = 64 };

static unsigned one_a_cpu(const struct job *job)
{
	return job->cpus < MANY ? job->cpus : MANY;
}

/* ---- every CPU does the same on its own ----------------------------------------- */

/* Each on lines of its own: one thread's figures must not slow another down. */
struct lane {
	_Alignas(64) pthread_t thread;
	const struct job *job;
	pool_t pool;
	pthread_barrier_t *gate;
	double ns, begin_ns, end_ns, pairs;
	unsigned number;
};

static void *random_lane(void *argument)
{
	struct lane *lane = argument;

	pin(lane->number);
	pool_enter();
	lane->ns = random_replacement(lane->pool, lane->job, 2463534242u + lane->number,
				      lane->gate);
	pool_leave();
	return NULL;
}

static void run_lanes(const struct job *job, struct lane *lanes, unsigned count,
		      void *(*body)(void *))
{
	pool_t pool = pool_new(job->size, (size_t)LIVE * count);
	pthread_barrier_t gate;

	pthread_barrier_init(&gate, NULL, count);
	for (unsigned i = 0; i < count; i++) {
		lanes[i] = (struct lane){ .pool = pool, .job = job, .number = i, .gate = &gate };
		pthread_create(&lanes[i].thread, NULL, body, &lanes[i]);
	}
	for (unsigned i = 0; i < count; i++)
		pthread_join(lanes[i].thread, NULL);
	pthread_barrier_destroy(&gate);
}

void run_random_all(const struct job *job, struct result *result)
{
	unsigned count = one_a_cpu(job);
	struct lane lanes[MANY];
	double rate = 0;                /* pairs a ns, over all */

	run_lanes(job, lanes, count, random_lane);
	for (unsigned i = 0; i < count; i++)
		rate += 1 / lanes[i].ns;
	result->value[FIGURE_NS] = count / rate;
}

/* ---- more threads than CPUs -------------------------------------------------------- */

/* Each makes and frees small batches, and is preempted anywhere in between. */
static void *crowded_lane(void *argument)
{
	struct lane *lane = argument;
	void *objects[100];
	double end;

	pthread_barrier_wait(lane->gate);
	lane->begin_ns = lane->end_ns = now_ns();
	end = lane->begin_ns + lane->job->seconds * 1e9;
	for (; lane->end_ns < end; lane->end_ns = now_ns(), lane->pairs += 10 * 100)
		for (int round = 0; round < 10; round++) {
			for (int i = 0; i < 100; i++)
				touch(objects[i] = pool_alloc(lane->pool));
			for (int i = 0; i < 100; i++)
				pool_free(lane->pool, objects[i]);
		}
	return NULL;
}

/* All pairs by the whole time: a starved thread's share is what it did. */
void run_crowd(const struct job *job, struct result *result)
{
	struct lane lanes[MANY];
	double pairs = 0, begin, end;

	run_lanes(job, lanes, MANY, crowded_lane);
	begin = lanes[0].begin_ns;
	end = lanes[0].end_ns;
	for (unsigned i = 0; i < MANY; i++) {
		begin = lanes[i].begin_ns < begin ? lanes[i].begin_ns : begin;
		end = lanes[i].end_ns > end ? lanes[i].end_ns : end;
		pairs += lanes[i].pairs;
	}
	result->value[FIGURE_NS] = (end - begin) / pairs * (job->cpus < MANY ? job->cpus : MANY);
}

/* ---- producer -> consumer: every free is of another thread's object --------------- */

struct ring {
	_Alignas(64) _Atomic uint64_t head;
	_Alignas(64) _Atomic uint64_t tail;
	_Alignas(64) _Atomic int stop;
	void *slot[RING];
	pool_t pool;
};

#ifdef POOL_IS_THREAD_UNSAFE
/* The floor: the ring by itself. Objects were there before, in turn; a free is nothing. */
enum { PASSED = 2048 };

static inline void *ring_take(struct ring *ring, uint64_t head)
{
	static void *objects[PASSED];

	if (objects[head % PASSED] == NULL)
		objects[head % PASSED] = pool_alloc(ring->pool);
	return objects[head % PASSED];
}

static inline void ring_give(struct ring *ring, void *object)
{
	(void)ring;
	__asm__ volatile("" ::"r"(object));
}
#else
static inline void *ring_take(struct ring *ring, uint64_t head)
{
	(void)head;
	return pool_alloc(ring->pool);
}

static inline void ring_give(struct ring *ring, void *object)
{
	pool_free(ring->pool, object);
}
#endif

static void consume_all(struct ring *ring)
{
	uint64_t tail = 0;

	for (;;) {
		uint64_t head = atomic_load_explicit(&ring->head, memory_order_acquire);

		if (head == tail) {
			if (atomic_load_explicit(&ring->stop, memory_order_acquire) &&
			    atomic_load(&ring->head) == tail)
				return;
			continue;
		}
		for (; tail < head; tail++)
			ring_give(ring, ring->slot[tail % RING]);
		atomic_store_explicit(&ring->tail, tail, memory_order_release);
	}
}

static void *consume(void *argument)
{
	struct ring *ring = argument;

	pin(1);
	pool_enter();
	consume_all(ring);
	pool_leave();
	return NULL;
}

static void produce(struct ring *ring, uint64_t *head, int count)
{
	for (int i = 0; i < count; i++) {
		while (*head - atomic_load_explicit(&ring->tail, memory_order_acquire) == RING)
			;
		touch(ring->slot[*head % RING] = ring_take(ring, *head));
		++*head;
		if (*head % 32 == 0)
			atomic_store_explicit(&ring->head, *head, memory_order_release);
	}
}

void run_prodcons(const struct job *job, struct result *result)
{
	enum { CHUNK = 32 * 1000 };
	struct ring *ring = own_memory(sizeof(*ring));
	double start, end, now;
	uint64_t head = 0, done = 0;
	pthread_t consumer;

	ring->pool = pool_new(job->size, 4 * RING);
	pthread_create(&consumer, NULL, consume, ring);
	pin(0);
	produce(ring, &head, CHUNK);
	start = now_ns();
	end = start + job->seconds * 1e9;
	do {
		produce(ring, &head, CHUNK);
		done += CHUNK;
		now = now_ns();
	} while (now < end);
	result->value[FIGURE_NS] = (now - start) / (double)done;
	atomic_store_explicit(&ring->head, head, memory_order_release);
	atomic_store_explicit(&ring->stop, 1, memory_order_release);
	pthread_join(consumer, NULL);
}

/* ---- larson: threads hand what they own to their successors ----------------------- */

struct owner {
	_Alignas(64) pthread_t thread;
	pool_t pool;
	void **objects;
	uint32_t seed;
	unsigned cpu;
};

enum { GENERATION = 100000 };   /* pairs a thread lives for: its start is under 1 % */

/* One generation: random replacement among what the last owner left. */
static void *own(void *argument)
{
	struct owner *owner = argument;
	void **objects = owner->objects;
	uint32_t seed = owner->seed;
	pool_t pool = owner->pool;

	pin(owner->cpu);
	pool_enter();
	for (int i = 0; i < GENERATION; i++) {
		uint32_t at = random_below(&seed, OWNED);

		pool_free(pool, objects[at]);
		touch(objects[at] = pool_alloc(pool));
	}
	pool_leave();
	owner->seed = seed;
	return NULL;
}

/* Each new thread runs on another CPU than the one whose objects it inherits. */
static void generation(struct owner *owners, unsigned count)
{
	for (unsigned i = 0; i < count; i++) {
		owners[i].cpu++;
		pthread_create(&owners[i].thread, NULL, own, &owners[i]);
	}
	for (unsigned i = 0; i < count; i++)
		pthread_join(owners[i].thread, NULL);
}

void run_larson(const struct job *job, struct result *result)
{
	unsigned count = one_a_cpu(job);
	struct owner owners[MANY];
	double start, end, now, done = 0;
	pool_t pool = pool_new(job->size, (size_t)OWNED * count);

	for (unsigned i = 0; i < count; i++) {
		owners[i] = (struct owner){ .pool = pool, .seed = 2463534242u + i, .cpu = i,
			.objects = own_memory(OWNED * sizeof(void *)) };
		for (int k = 0; k < OWNED; k++)
			owners[i].objects[k] = pool_alloc(pool);
	}
	generation(owners, count);
	start = now_ns();
	end = start + job->seconds * 1e9;
	do {
		generation(owners, count);
		done += GENERATION;
		now = now_ns();
	} while (now < end);
	result->value[FIGURE_NS] = (now - start) / done;
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
	pool_t pool = pool_new(job->size, 1000);
	int count = job->seconds < 0.1 ? CHURN_THREADS / 10 : CHURN_THREADS;
	double base, start;

	for (int i = 0; i < 100; i++)
		one_thread(&pool);
	base = resident_bytes();
	start = now_ns();
	for (int i = 0; i < count; i++)
		one_thread(&pool);
	result->value[FIGURE_NS] = (now_ns() - start) / count;
	result->value[FIGURE_PEAK_BYTES] = resident_bytes() - base;
}

/*
 * bench_line.c: how far two CPUs are apart now: a cache line, there and back.
 */
#include <pthread.h>
#include <sched.h>
#include <stdatomic.h>
#include <time.h>

#include "bench.h"

enum { THROWS = 400, TRIES = 5 };

struct game {
	_Alignas(64) atomic_uint ball;          /* odd: theirs to throw */
	_Alignas(64) cpu_set_t cpus[2];
};

/* The last two CPUs we may use: those the workers take first. */
static bool find_cpus(struct game *game)
{
	cpu_set_t allowed;
	int found = 0;

	CPU_ZERO(&game->cpus[0]);
	CPU_ZERO(&game->cpus[1]);
	if (sched_getaffinity(0, sizeof(allowed), &allowed) != 0)
		return false;
	for (int cpu = CPU_SETSIZE; cpu-- > 0 && found < 2;)
		if (CPU_ISSET(cpu, &allowed))
			CPU_SET(cpu, &game->cpus[found++]);
	return found == 2;
}

static void *throw_back(void *argument)
{
	struct game *game = argument;

	pthread_setaffinity_np(pthread_self(), sizeof(cpu_set_t), &game->cpus[1]);
	for (unsigned i = 0; i <= THROWS * TRIES; i++) {
		while (atomic_load_explicit(&game->ball, memory_order_acquire) != 2 * i + 1)
			;
		atomic_store_explicit(&game->ball, 2 * i + 2, memory_order_release);
	}
	return NULL;
}

static void throw_once(struct game *game, unsigned i)
{
	atomic_store_explicit(&game->ball, 2 * i + 1, memory_order_release);
	while (atomic_load_explicit(&game->ball, memory_order_acquire) != 2 * i + 2)
		;
}

static double now_ns(void)
{
	struct timespec time;

	clock_gettime(CLOCK_MONOTONIC, &time);
	return (double)time.tv_sec * 1e9 + (double)time.tv_nsec;
}

/* The first throw waits for the other to be there; the best of a few tries counts. */
static double play(struct game *game)
{
	double least = 1e9;

	throw_once(game, 0);
	for (unsigned try = 0; try < TRIES; try++) {
		double start = now_ns(), took;

		for (unsigned i = 0; i < THROWS; i++)
			throw_once(game, 1 + try * THROWS + i);
		took = (now_ns() - start) / THROWS;
		least = took < least ? took : least;
	}
	return least;
}

double line_round_trip_ns(void)
{
	struct game game = { 0 };
	cpu_set_t before;
	pthread_t other;
	double ns = 0;

	if (!find_cpus(&game) || sched_getaffinity(0, sizeof(before), &before) != 0)
		return 0;
	if (pthread_create(&other, NULL, throw_back, &game) != 0)
		return 0;
	sched_setaffinity(0, sizeof(cpu_set_t), &game.cpus[0]);
	ns = play(&game);
	pthread_join(other, NULL);
	sched_setaffinity(0, sizeof(before), &before);
	return ns;
}

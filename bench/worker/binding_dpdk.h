/*
 * binding_dpdk.h: see binding.h.
 *
 * A mempool never grows and never gives back: it is made as large as the workload
 * needs, with the largest cache DPDK allows (512 objects a thread), and is full of
 * touched memory before the first call. No huge pages, as for everybody else.
 */
#ifndef BENCH_BINDING_DPDK_H
#define BENCH_BINDING_DPDK_H

#include <rte_eal.h>
#include <rte_lcore.h>
#include <rte_mempool.h>
#include <sched.h>
#include <stdio.h>
#include <stdlib.h>

#define POOL_HAS_THREADS_OF_ITS_OWN_KIND 1
#define POOL_IS_NO_HEAP 1

typedef struct rte_mempool *pool_t;

/* It pins the thread that calls it; ours pins itself. */
static inline void pool_start_dpdk(size_t bytes)
{
	char megabytes[32];
	char *arguments[] = { "bench", "--no-huge", "--no-pci", "--no-shconf", "--no-telemetry",
			      "-m", megabytes, "--lcores", "0@0", "--log-level", "3", NULL };
	cpu_set_t cpus;

	snprintf(megabytes, sizeof(megabytes), "%zu", 64 + (bytes >> 20));
	sched_getaffinity(0, sizeof(cpus), &cpus);
	if (rte_eal_init(sizeof(arguments) / sizeof(*arguments) - 1, arguments) < 0)
		exit(EXIT_FAILURE);
	sched_setaffinity(0, sizeof(cpus), &cpus);
}

static inline pool_t pool_new(size_t size, size_t most)
{
	cpu_set_t cpus;
	size_t count;
	pool_t pool;

	sched_getaffinity(0, sizeof(cpus), &cpus);
	count = most + 1024 * (size_t)(CPU_COUNT(&cpus) + 2);   /* caches, full */
	pool_start_dpdk(count * (size + 192) * 5 / 4);
	pool = rte_mempool_create("bench", (unsigned)count, (unsigned)size,
				  RTE_MEMPOOL_CACHE_MAX_SIZE, 0, NULL, NULL, NULL, NULL,
				  SOCKET_ID_ANY, 0);
	if (pool == NULL)
		exit(EXIT_FAILURE);
	return pool;
}

static inline void *pool_alloc(pool_t pool)
{
	void *object = NULL;

	rte_mempool_get(pool, &object);
	return object;
}

static inline void pool_free(pool_t pool, void *object)
{
	rte_mempool_put(pool, object);
}

/* Without a number of its own a thread has no cache. */
static inline void pool_enter(void)
{
	if (rte_thread_register() != 0)
		exit(EXIT_FAILURE);
}

static inline void pool_leave(void)
{
	rte_thread_unregister();
}

#endif

/*
 * threads.c LIBUKMEM_SO: threads come and go, and leave nothing behind.
 *
 *   - 10,000 threads one after another, each allocating: memory grows by 256 KiB at most.
 *   - Storms of 50 threads that end at the same time, some with objects in flight.
 *   - What one thread allocated another frees; nothing is lost, and memory stays bounded.
 *   - The shared library needs at most 64 bytes of static TLS, and 100 rounds of dlopen
 *     and dlclose work, each with allocation from a thread that outlives the round.
 */
#include "race.h"

#include "../programs/resident.h"

#include <dlfcn.h>
#include <link.h>

enum {
	IN_SEQUENCE = 10000, GROWTH_MAX_KIB = 256,
	STORMS = 40, STORM_THREADS = 50,
	PASSED = 2000000, RING = 1024,
	TLS_MAX_BYTES = 64, DLOPEN_ROUNDS = 100,
};

static struct kmem_cache *cache;

static size_t resident_kib(void)
{
	return resident_bytes() / 1024;
}

static void *short_life(void *argument)
{
	uint32_t number = 1 + (uint32_t)(uintptr_t)argument;
	struct stamp *held[40];

	for (unsigned i = 0; i < 40; i++) {
		held[i] = kmem_cache_alloc(cache, GFP_KERNEL);
		stamp_take(held[i], number);
	}
	kfree(kmalloc(100 + number % 3000, GFP_KERNEL));
	for (unsigned i = 0; i < 40; i++) {
		stamp_drop(held[i], number);
		kmem_cache_free(cache, held[i]);
	}
	return NULL;
}

static void one_after_another(void)
{
	size_t before = 0, after;
	double start = now_s();
	unsigned count = (unsigned)(IN_SEQUENCE * race_factor());

	for (uintptr_t i = 0; i < count; i++) {
		pthread_t thread;

		if (i == 200)
			before = resident_kib();
		pthread_create(&thread, NULL, short_life, (void *)(i % 4000));
		pthread_join(thread, NULL);
	}
	after = resident_kib();
	verdict(after <= before + GROWTH_MAX_KIB, "threads in sequence leave no memory behind",
		"%u threads, growth %zd KiB, %.1f s", count, (ssize_t)(after - before),
		now_s() - start);
}

static void exit_storms(void)
{
	struct line line;
	double start = now_s();

	for (unsigned storm = 0; storm < STORMS; storm++) {
		pthread_t threads[STORM_THREADS];

		for (uintptr_t i = 0; i < STORM_THREADS; i++)
			pthread_create(&threads[i], NULL, short_life, (void *)i);
		for (unsigned i = 0; i < STORM_THREADS; i++)
			pthread_join(threads[i], NULL);
	}
	verdict(nothing_lost(cache, &line), "storms of ending threads lose nothing",
		"%d x %d threads, %.1f s", STORMS, STORM_THREADS, now_s() - start);
}

/* ---- One allocates, the other frees ------------------------------------------------------ */

static struct stamp *_Atomic ring[RING];

static void *free_passed(void *argument)
{
	for (unsigned i = 0; i < PASSED; i++) {
		struct stamp *stamp;

		while ((stamp = atomic_exchange(&ring[i % RING], NULL)) == NULL)
			sched_yield();
		stamp_drop(stamp, 1);
		kmem_cache_free(cache, stamp);
	}
	return argument;
}

static void freed_by_another(void)
{
	size_t before = resident_kib(), after;
	double start = now_s();
	pthread_t thread;
	struct line line;

	pthread_create(&thread, NULL, free_passed, NULL);
	for (unsigned i = 0; i < PASSED; i++) {
		struct stamp *stamp = kmem_cache_alloc(cache, GFP_KERNEL);

		stamp_take(stamp, 1);
		while (atomic_load(&ring[i % RING]) != NULL)
			sched_yield();
		atomic_store(&ring[i % RING], stamp);
	}
	pthread_join(thread, NULL);
	after = resident_kib();
	verdict(nothing_lost(cache, &line) && after <= before + 1024,
		"one allocates, another frees: all comes back", "%d objects, growth %zd KiB, %.1f s",
		PASSED, (ssize_t)(after - before), now_s() - start);
}

/* ---- The shared library ------------------------------------------------------------------- */

static int find_tls(struct dl_phdr_info *info, size_t size, void *bytes)
{
	(void)size;
	if (strstr(info->dlpi_name, "libukmem") == NULL)
		return 0;
	*(size_t *)bytes = 0;
	for (int i = 0; i < info->dlpi_phnum; i++)
		if (info->dlpi_phdr[i].p_type == PT_TLS)
			*(size_t *)bytes = info->dlpi_phdr[i].p_memsz;
	return 1;
}

static void *(*so_kmalloc)(size_t, gfp_t);
static void (*so_kfree)(const void *);
static _Atomic int round_number;

/* Uses the library while others open and close it. */
static void *outlive(void *unused)
{
	while (round_number < DLOPEN_ROUNDS)
		so_kfree(so_kmalloc(200, GFP_KERNEL));
	return unused;
}

static void open_and_close(const char *path)
{
	size_t tls = SIZE_MAX;
	pthread_t thread = 0;
	void *library = NULL;

	for (round_number = 0; round_number < DLOPEN_ROUNDS; round_number++) {
		library = dlopen(path, RTLD_NOW | RTLD_LOCAL);
		if (library == NULL)
			broken("%s", dlerror());
		so_kmalloc = (void *(*)(size_t, gfp_t))dlsym(library, "kmalloc");
		so_kfree = (void (*)(const void *))dlsym(library, "kfree");
		so_kfree(so_kmalloc(100, GFP_KERNEL));
		dl_iterate_phdr(find_tls, &tls);
		if (round_number == 0)
			pthread_create(&thread, NULL, outlive, NULL);
		dlclose(library);
	}
	pthread_join(thread, NULL);
	verdict(tls <= TLS_MAX_BYTES, "libukmem.so takes little static TLS and may be reopened",
		"%zu bytes, %d rounds", tls, DLOPEN_ROUNDS);
}

int main(int argc, char **argv)
{
	alarm(600);
	find_cpus();
	setenv("UKMEM_OPTIONS", "reap_ms:100", 0);
	cache = stamped_cache("threads", 64);
	one_after_another();
	exit_storms();
	freed_by_another();
	if (argc > 1)
		open_and_close(argv[1]);
	return race_failures != 0;
}

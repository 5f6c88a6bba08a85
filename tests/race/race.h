/*
 * race.h: what the race tests have in common.
 *
 * Each program prints one `ok` or `FAILED` line per test, with figures, and exits 1 if
 * one failed. UKMEM_RACE_FACTOR multiplies how long they run (make check-long).
 *
 * An object under test begins with a struct stamp. Whoever gets the object writes his
 * number into `owner` by an exchange, which must give 0, and takes it out before he
 * frees it, where it must still be his: an object handed out twice shows at once.
 */
#ifndef RACE_H
#define RACE_H

#include <errno.h>
#include <pthread.h>
#include <sched.h>
#include <signal.h>
#include <stdarg.h>
#include <stdatomic.h>
#include <stdbool.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/syscall.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>

#include <ukmem/slab.h>
#include <ukmem/stats.h>

#define MAYBE_UNUSED __attribute__((unused))
#define NEVER_INLINE __attribute__((noinline))

static int race_failures MAYBE_UNUSED;

/* ---- Saying it ------------------------------------------------------------------- */

/* The test's sentence, and figures behind it. */
static MAYBE_UNUSED __attribute__((format(printf, 3, 4)))
void verdict(bool holds, const char *sentence, const char *figures, ...)
{
	va_list arguments;

	printf("%-7s %s", holds ? "ok" : "FAILED", sentence);
	if (figures != NULL) {
		printf(": ");
		va_start(arguments, figures);
		vprintf(figures, arguments);
		va_end(arguments);
	}
	printf("\n");
	fflush(stdout);
	if (!holds)
		race_failures++;
}

/* From any thread or handler: say what broke, once, and end the process. */
static MAYBE_UNUSED __attribute__((format(printf, 1, 2), noreturn))
void broken(const char *format, ...)
{
	static atomic_flag said = ATOMIC_FLAG_INIT;
	char line[300] = "FAILED  ";
	va_list arguments;
	int length;

	if (atomic_flag_test_and_set(&said))
		for (;;)
			pause();
	va_start(arguments, format);
	length = 8 + vsnprintf(line + 8, sizeof(line) - 10, format, arguments);
	va_end(arguments);
	line[length++] = '\n';
	if (write(STDOUT_FILENO, line, (size_t)length) < 0)
		_exit(2);
	_exit(1);
}

static MAYBE_UNUSED double race_factor(void)
{
	const char *text = getenv("UKMEM_RACE_FACTOR");
	double factor = text != NULL ? atof(text) : 1;

	return factor > 0 ? factor : 1;
}

/* ---- Time, chance, places ---------------------------------------------------------- */

static MAYBE_UNUSED double now_s(void)
{
	struct timespec t;

	clock_gettime(CLOCK_MONOTONIC, &t);
	return (double)t.tv_sec + (double)t.tv_nsec * 1e-9;
}

static MAYBE_UNUSED void sleep_us(long us)
{
	struct timespec t = { .tv_sec = us / 1000000, .tv_nsec = us % 1000000 * 1000 };

	nanosleep(&t, NULL);
}

/* xorshift64* (Vigna 2014). The state is never 0. */
static MAYBE_UNUSED uint32_t next_random(uint64_t *state)
{
	*state ^= *state >> 12;
	*state ^= *state << 25;
	*state ^= *state >> 27;
	return (uint32_t)(*state * 0x2545f4914f6cdd1dull >> 32);
}

static MAYBE_UNUSED uint64_t seed_for(uint64_t seed, uint64_t who)
{
	return (seed + 1) * 0x9e3779b97f4a7c15ull ^ (who + 1) * 0xbf58476d1ce4e5b9ull;
}

/*
 * @program once more, with an argument, for each way the library works, reaping every @reap_ms.
 * Returns whether one failed.
 */
static MAYBE_UNUSED bool run_each_way(const char *program, unsigned reap_ms)
{
	static const char *const ways[] = { "", "backend:locked", "hardening:strict", "topology:%ldx2" };
	long cpus = sysconf(_SC_NPROCESSORS_CONF);
	int status, failed = 0;

	for (unsigned i = 0; i < sizeof(ways) / sizeof(ways[0]); i++) {
		char options[64];
		int length = snprintf(options, sizeof(options), "reap_ms:%u ", reap_ms);

		snprintf(options + length, sizeof(options) - (size_t)length, ways[i], cpus < 2 ? 2 : cpus);
		setenv("UKMEM_OPTIONS", options, 1);
		if (fork() == 0) {
			alarm(900);
			execl(program, program, "one", NULL);
		}
		wait(&status);
		if (status != 0)
			verdict(false, "the run ends well", "%s, status %x", options,
				(unsigned)status);
		failed |= status;
	}
	return failed != 0;
}

/* The CPUs we may use, as they were when the program began. */
static int race_cpus[CPU_SETSIZE] MAYBE_UNUSED, race_cpu_count MAYBE_UNUSED;

static MAYBE_UNUSED void find_cpus(void)
{
	cpu_set_t set;

	if (sched_getaffinity(0, sizeof(set), &set) != 0)
		broken("sched_getaffinity: %s", strerror(errno));
	race_cpu_count = 0;
	for (int cpu = 0; cpu < CPU_SETSIZE; cpu++)
		if (CPU_ISSET(cpu, &set))
			race_cpus[race_cpu_count++] = cpu;
}

/* Thread @tid (0: this one) runs on the @n-th of our CPUs from now on. */
static MAYBE_UNUSED void pin(pid_t tid, unsigned n)
{
	cpu_set_t set;

	CPU_ZERO(&set);
	CPU_SET(race_cpus[n % (unsigned)race_cpu_count], &set);
	sched_setaffinity(tid, sizeof(set), &set);
}

static MAYBE_UNUSED void unpin(void)
{
	cpu_set_t set;

	CPU_ZERO(&set);
	for (int i = 0; i < race_cpu_count; i++)
		CPU_SET(race_cpus[i], &set);
	sched_setaffinity(0, sizeof(set), &set);
}

static MAYBE_UNUSED pid_t my_tid(void)
{
	return (pid_t)syscall(SYS_gettid);
}

/* ---- Objects ------------------------------------------------------------------------ */

enum { STAMP_CONSTRUCTED = 0x5ca1ab1e };

struct stamp {
	_Atomic uint32_t owner;         /* 0: nobody */
	uint32_t constructed;           /* the constructor's word; never changed */
	void *self;                     /* likewise */
	uint64_t pattern;               /* the owner's, while he holds it */
};

static MAYBE_UNUSED void stamp_construct(void *object)
{
	struct stamp *stamp = object;

	atomic_store_explicit(&stamp->owner, 0, memory_order_relaxed);
	stamp->constructed = STAMP_CONSTRUCTED;
	stamp->self = object;
	stamp->pattern = 0;
}

/* A fresh object becomes @owner's. */
static inline MAYBE_UNUSED void stamp_take(struct stamp *stamp, uint32_t owner)
{
	uint32_t before = atomic_exchange_explicit(&stamp->owner, owner, memory_order_relaxed);

	if (before != 0)
		broken("object %p handed to %u while %u holds it", (void *)stamp, owner, before);
	if (stamp->constructed != STAMP_CONSTRUCTED || stamp->self != stamp)
		broken("object %p lost its constructed state", (void *)stamp);
	stamp->pattern = (uintptr_t)stamp ^ owner;
}

/* @owner is about to free it. */
static inline MAYBE_UNUSED void stamp_drop(struct stamp *stamp, uint32_t owner)
{
	uint32_t before;

	if (stamp->pattern != ((uintptr_t)stamp ^ owner))
		broken("object %p of %u: contents changed", (void *)stamp, owner);
	before = atomic_exchange_explicit(&stamp->owner, 0, memory_order_relaxed);
	if (before != owner)
		broken("object %p of %u now belongs to %u", (void *)stamp, owner, before);
}

static MAYBE_UNUSED struct kmem_cache *stamped_cache(const char *name, unsigned size)
{
	struct kmem_cache *cache = kmem_cache_create(name, size, 0, 0, stamp_construct);

	if (cache == NULL)
		broken("cache %s refused", name);
	return cache;
}

/* ---- What is out -------------------------------------------------------------------- */

struct line {
	size_t active, total, slabs;
};

/* The slabinfo line of cache @name. */
static MAYBE_UNUSED struct line line_of(const char *name)
{
	static char text[256 << 10];
	static pthread_mutex_t mutex = PTHREAD_MUTEX_INITIALIZER;
	struct line line = { SIZE_MAX, SIZE_MAX, SIZE_MAX };
	char pattern[80];
	const char *at, *data;

	pthread_mutex_lock(&mutex);
	slabinfo_read(text, sizeof(text));
	snprintf(pattern, sizeof(pattern), "\n%s ", name);
	at = strstr(text, pattern);
	data = at != NULL ? strstr(at, "slabdata") : NULL;
	if (data == NULL ||
	    sscanf(at + strlen(pattern), "%zu %zu", &line.active, &line.total) != 2 ||
	    sscanf(data, "slabdata %*u %zu", &line.slabs) != 1)
		line.active = SIZE_MAX;
	pthread_mutex_unlock(&mutex);
	return line;
}

/* All objects were freed: after a shrink nothing is out and no slab is left. */
static MAYBE_UNUSED bool nothing_lost(struct kmem_cache *cache, struct line *line)
{
	int left = kmem_cache_shrink(cache);

	*line = line_of(kmem_cache_name(cache));
	return left == 0 && line->active == 0 && line->slabs == 0;
}

#endif

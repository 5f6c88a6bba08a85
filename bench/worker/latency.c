/*
 * latency.c: how long one allocation or one free takes, each timed by itself.
 *
 * Every CPU keeps half of 20,000 places filled with objects of mixed sizes: it picks a
 * place, frees what is there, or fills it. So runs of allocations and of frees come
 * by chance, and the way through every floor of an allocator is among the samples.
 * The time is the processor's counter, read in order; what reading it costs is taken
 * off. Interrupts are in it, for everybody: a max says more of the machine.
 */
#include <pthread.h>
#include <string.h>

#include "binding.h"
#include "threads.h"

enum { PLACES = 20000, WARM = 10 * PLACES, LANES = 64 };

#if defined(__x86_64__)
static inline uint64_t ticks(void)
{
	uint32_t low, high;

	/* Nothing before it is still under way, nothing after it has begun. */
	__asm__ volatile("lfence; rdtsc; lfence" : "=a"(low), "=d"(high)::"memory");
	return (uint64_t)high << 32 | low;
}
#elif defined(__aarch64__)
static inline uint64_t ticks(void)
{
	uint64_t now;

	__asm__ volatile("isb; mrs %0, cntvct_el0; isb" : "=r"(now)::"memory");
	return now;
}
#else
static inline uint64_t ticks(void)
{
	return (uint64_t)now_ns();
}
#endif

/* ---- a histogram with 32 steps to each doubling: 3 % -------------------------------- */

enum { STEP_BITS = 5, STEPS = 1 << STEP_BITS, BUCKETS = 60 * STEPS };

struct histogram {
	uint64_t count[BUCKETS], total, max;
};

static inline unsigned bucket_of(uint64_t value)
{
	unsigned shift;

	if (value < STEPS)
		return (unsigned)value;
	shift = 63u - (unsigned)__builtin_clzll(value) - STEP_BITS;
	return (shift + 1) * STEPS + (unsigned)((value >> shift) & (STEPS - 1));
}

/* The middle of the values that share the bucket. */
static double bucket_value(unsigned bucket)
{
	unsigned shift = bucket / STEPS;

	if (shift <= 1)
		return bucket;
	shift--;
	return ((double)(STEPS + bucket % STEPS) + 0.5) * (double)(UINT64_C(1) << shift);
}

static inline void histogram_add(struct histogram *histogram, uint64_t value)
{
	histogram->count[bucket_of(value)]++;
	histogram->total++;
	if (value > histogram->max)
		histogram->max = value;
}

static void histogram_merge(struct histogram *to, const struct histogram *from)
{
	for (unsigned i = 0; i < BUCKETS; i++)
		to->count[i] += from->count[i];
	to->total += from->total;
	to->max = from->max > to->max ? from->max : to->max;
}

static double histogram_at(const struct histogram *histogram, double part)
{
	double wanted = part * (double)histogram->total, seen = 0;

	for (unsigned i = 0; i < BUCKETS; i++) {
		seen += (double)histogram->count[i];
		if (seen >= wanted)
			return bucket_value(i);
	}
	return (double)histogram->max;
}

/* ---- a lane for each CPU --------------------------------------------------------------- */

struct lane {
	pthread_t thread;
	pthread_barrier_t *gate;
	pool_t pool;
	struct histogram *alloc, *free;
	double seconds, ns_a_tick;
	unsigned number;
};

/* What two readings with nothing in between are apart, most of the time. */
static uint64_t ticks_cost(void)
{
	uint64_t least = UINT64_MAX;

	for (int i = 0; i < 10000; i++) {
		uint64_t start = ticks(), apart = ticks() - start;

		least = apart < least ? apart : least;
	}
	return least;
}

static inline uint64_t less(uint64_t time, uint64_t cost)
{
	return time > cost ? time - cost : 0;
}

static void use_places(struct lane *lane, void **places, uint32_t *seed, int count, uint64_t cost)
{
	for (int i = 0; i < count; i++) {
		void **place = &places[random_below(seed, PLACES)];
		void *object = *place;
		uint64_t start = ticks();

		if (object == NULL) {
			object = pool_alloc(lane->pool);
			histogram_add(lane->alloc, less(ticks() - start, cost));
			touch(object);
			*place = object;
		} else {
			pool_free(lane->pool, object);
			histogram_add(lane->free, less(ticks() - start, cost));
			*place = NULL;
		}
	}
}

static void *latency_lane(void *argument)
{
	struct lane *lane = argument;
	void **places = own_memory(PLACES * sizeof(void *));
	uint32_t seed = 2463534242u + lane->number;
	uint64_t cost, start_ticks;
	double start, end;

	pin(lane->number);
	cost = ticks_cost();
	use_places(lane, places, &seed, WARM, cost);
	memset(lane->alloc, 0, sizeof(*lane->alloc));
	memset(lane->free, 0, sizeof(*lane->free));
	pthread_barrier_wait(lane->gate);
	start = now_ns();
	start_ticks = ticks();
	end = start + lane->seconds * 1e9;
	while (now_ns() < end)
		use_places(lane, places, &seed, PLACES, cost);
	lane->ns_a_tick = (now_ns() - start) / (double)(ticks() - start_ticks);
	return NULL;
}

/* Four figures from @first on: median, 99 %, 99.99 %, the worst. */
static void tell(struct result *result, int first, const struct histogram *histogram,
		 double ns_a_tick)
{
	result->value[first] = histogram_at(histogram, 0.5) * ns_a_tick;
	result->value[first + 1] = histogram_at(histogram, 0.99) * ns_a_tick;
	result->value[first + 2] = histogram_at(histogram, 0.9999) * ns_a_tick;
	result->value[first + 3] = (double)histogram->max * ns_a_tick;
}

void run_latency(const struct job *job, struct result *result)
{
	unsigned count = job->cpus < LANES ? job->cpus : LANES;
	struct histogram *sums = own_memory(2 * sizeof(*sums));
	struct lane lanes[LANES];
	pthread_barrier_t gate;
	pool_t pool = pool_new(job->size, PLACES * count);

	pthread_barrier_init(&gate, NULL, count);
	for (unsigned i = 0; i < count; i++) {
		struct histogram *histograms = own_memory(2 * sizeof(*histograms));

		lanes[i] = (struct lane){ .pool = pool, .gate = &gate, .number = i,
			.seconds = job->seconds, .alloc = histograms, .free = histograms + 1 };
		pthread_create(&lanes[i].thread, NULL, latency_lane, &lanes[i]);
	}
	for (unsigned i = 0; i < count; i++) {
		pthread_join(lanes[i].thread, NULL);
		histogram_merge(&sums[0], lanes[i].alloc);
		histogram_merge(&sums[1], lanes[i].free);
	}
	tell(result, FIGURE_ALLOC_P50, &sums[0], lanes[0].ns_a_tick);
	tell(result, FIGURE_FREE_P50, &sums[1], lanes[0].ns_a_tick);
	histogram_merge(&sums[0], &sums[1]);
	tell(result, FIGURE_ANY_P50, &sums[0], lanes[0].ns_a_tick);
}

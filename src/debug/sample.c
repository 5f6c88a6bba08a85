/*
 * sample.c: see sample.h.
 *
 * A free looks at one cache line of keys, by the object's page; that is all that most
 * objects pay. No lock: sites are only ever added, keys are put and removed by one
 * compare-and-exchange each. Where there is no room the sample is dropped and counted.
 */
#include "debug/sample.h"

#include <string.h>

#include "debug/stack.h"
#include "os/options.h"
#include "os/ops.h"

enum { PROBES = 32 };

struct sampler *sampler;

static uint64_t mix(uint64_t x)
{
	x ^= x >> 33;
	x *= 0xff51afd7ed558ccdu;
	return x ^ x >> 29;
}

/*
 * -ln(u) for a random u in (0, 1]: by the exponent, and by log2(1 + f), which the
 * parabola meets within 0.01; the mean comes out as 0.9997.
 */
static double exponential(uint64_t random)
{
	unsigned zeros = (unsigned)__builtin_clzl(random | 1);
	double f = (double)(random << zeros << 1) / 0x1p64;

	return 0.6931471805599453 * (1 + zeros - f * (1.3465 - 0.3465 * f));
}

int64_t sample_distance(size_t bytes)
{
	static _Atomic uint64_t seed;
	uint64_t random = atomic_fetch_add_explicit(&seed, 0x9e3779b97f4a7c15u,
						    memory_order_relaxed);

	return (int64_t)(exponential(mix(random)) * (double)sampler->interval_bytes /
			 (double)bytes);
}

/* ---- Sites ------------------------------------------------------------------------- */

static bool is_site(const struct sample_site *site, const uintptr_t *frames, uint32_t count,
		    size_t size)
{
	return site->frames_count == count && site->size == size &&
	       memcmp(site->frame, frames, count * sizeof(*frames)) == 0;
}

static bool take_site(struct sample_site *site, const uintptr_t *frames, uint32_t count,
		      size_t size)
{
	uint32_t nobody = 0;

	if (!atomic_compare_exchange_strong(&site->state, &nobody, 1))
		return false;
	site->frames_count = count;
	site->size = size;
	memcpy(site->frame, frames, count * sizeof(*frames));
	atomic_store_explicit(&site->state, 2, memory_order_release);
	return true;
}

/* The number of the site, or -1. Two threads may make one site twice: sums stay right. */
static int find_site(const uintptr_t *frames, uint32_t count, size_t size)
{
	uint64_t hash = mix(size);

	for (uint32_t i = 0; i < count; i++)
		hash = mix(hash + frames[i]);
	for (unsigned probe = 0; probe < PROBES; probe++) {
		unsigned number = (unsigned)((hash + probe) % SAMPLE_SITES);
		struct sample_site *site = &sampler->site[number];
		uint32_t state = atomic_load_explicit(&site->state, memory_order_acquire);

		if ((state == 2 && is_site(site, frames, count, size)) ||
		    (state == 0 && take_site(site, frames, count, size)))
			return (int)number;
	}
	return -1;
}

/* ---- Live samples --------------------------------------------------------------------- */

/* By page: whoever frees an object has the line of its neighbours at hand. */
static unsigned line_of(const void *object)
{
	return (unsigned)(mix((uintptr_t)object >> PAGE_SHIFT) % SAMPLE_LINES);
}

/* The site is written first: whoever frees the object was given it after that. */
static bool remember(void *object, unsigned site)
{
	unsigned line = line_of(object);

	atomic_fetch_add_explicit(&sampler->used[line], 1, memory_order_relaxed);
	for (unsigned way = 0; way < SAMPLE_WAYS; way++) {
		uintptr_t nobody = 0;

		if (!atomic_compare_exchange_strong(&sampler->live[line][way], &nobody,
						    (uintptr_t)object))
			continue;
		sampler->site_of[line][way] = site;
		return true;
	}
	atomic_fetch_sub_explicit(&sampler->used[line], 1, memory_order_relaxed);
	return false;
}

COLD void sample_note(void *object, size_t size, const void *caller)
{
	uintptr_t frames[SAMPLE_FRAMES];
	unsigned count = stack_capture(caller, frames, SAMPLE_FRAMES);
	int site = find_site(frames, count, size);

	if (site < 0 || !remember(object, (unsigned)site))
		atomic_fetch_add_explicit(&sampler->dropped, 1, memory_order_relaxed);
	else
		atomic_fetch_add_explicit(&sampler->site[site].allocated, 1,
					  memory_order_relaxed);
}

static COLD void forget(const void *object, unsigned line)
{
	for (unsigned way = 0; way < SAMPLE_WAYS; way++) {
		_Atomic uintptr_t *key = &sampler->live[line][way];

		if (atomic_load_explicit(key, memory_order_relaxed) != (uintptr_t)object)
			continue;
		atomic_fetch_add_explicit(&sampler->site[sampler->site_of[line][way]].freed, 1,
					  memory_order_relaxed);
		atomic_store_explicit(key, 0, memory_order_release);
		atomic_fetch_sub_explicit(&sampler->used[line], 1, memory_order_relaxed);
		return;
	}
}

void sample_forget(const void *object)
{
	unsigned line = line_of(object);

	if (unlikely(atomic_load_explicit(&sampler->used[line], memory_order_relaxed) != 0))
		forget(object, line);
}

bool sample_start(void)
{
	void *memory;

	if (sampler == NULL) {
		if (os_ops.map(sizeof(*sampler), &memory) != 0)
			return false;
		sampler = memory;
		sampler->interval_bytes = options.heap_sample;
	}
	return true;
}

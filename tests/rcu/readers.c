/*
 * readers.c [SECONDS]: lock-free readers run through objects that are freed and used again.
 *
 * Two ways, each with a negative control that must go wrong, so that the run is known to
 * look at the right thing:
 *   typesafe   SLAB_TYPESAFE_BY_RCU: an object may become another one of its kind under a
 *              reader, who validates it, but never anything else. Slabs are released all
 *              the time, and their pages scribbled on by whoever gets them next.
 *              Control: the same without the flag.
 *   kfree_rcu  an object does not change at all while a reader holds it.
 *              Control: kfree.
 */
#include <pthread.h>
#include <stdatomic.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>
#include <ukmem/pages.h>
#include <ukmem/rcu.h>
#include <ukmem/stats.h>
#include <unistd.h>
#include <urcu.h>

enum { SLOTS = 2048, READERS = 2 };
#define MAGIC UINT64_C(0x7265616465727321)

struct item {
	uint64_t magic;                 /* the constructor's: of this kind, at this address */
	_Atomic uint64_t key;           /* which slot it is in; 0 when it is free */
	uint64_t value, not_value;      /* kfree_rcu: each other's complement */
	char rest[200];
};

static struct item *_Atomic table[SLOTS];
static struct kmem_cache *cache;
static bool with_rcu, is_control;
static _Atomic bool over;
static _Atomic unsigned long reads, invalid, reused, frees;
static int failures;

static uint64_t magic_of(const struct item *item)
{
	return MAGIC ^ (uint64_t)(uintptr_t)item;
}

static void construct(void *object)
{
	struct item *item = object;

	item->magic = magic_of(item);
	item->key = 0;
}

static uint64_t next_random(uint64_t *state)
{
	*state ^= *state << 13;
	*state ^= *state >> 7;
	*state ^= *state << 17;
	return *state;
}

static double now_s(void)
{
	struct timespec now;

	clock_gettime(CLOCK_MONOTONIC, &now);
	return (double)now.tv_sec + (double)now.tv_nsec / 1e9;
}

/* Hold on for a while, now and then (a control: often) long enough to be overtaken. */
static void linger(uint64_t *random)
{
	if (next_random(random) % (is_control ? 2 : 64) == 0)
		sched_yield();
	for (uint64_t n = next_random(random) % 64; n != 0; n--)
		__asm__ volatile("");
}

/* ---- typesafe ------------------------------------------------------------------------------ */

static void *read_typesafe(void *argument)
{
	uint64_t random = (uint64_t)(uintptr_t)argument;

	rcu_register_thread();
	while (!over) {
		uint64_t slot = next_random(&random) % SLOTS;
		struct item *item;

		rcu_read_lock();
		item = table[slot];
		linger(&random);
		for (int look = 0; item != NULL && look < 4; look++) {
			if (*(volatile uint64_t *)&item->magic != magic_of(item))
				invalid++;
			else if (item->key != slot + 1)
				reused++;
		}
		rcu_read_unlock();
		reads++;
	}
	rcu_unregister_thread();
	return NULL;
}

static void replace(uint64_t slot, bool by_another)
{
	struct item *new = by_another ? kmem_cache_alloc(cache, GFP_KERNEL) : NULL, *old;

	if (new != NULL)
		new->key = slot + 1;
	old = atomic_exchange(&table[slot], new);
	if (old == NULL)
		return;
	old->key = 0;
	kmem_cache_free(cache, old);
	frees++;
}

/* Fill, churn, empty, shrink: slabs come and go. */
static void *write_typesafe(void *unused)
{
	uint64_t random = 77;

	while (!over) {
		for (int i = 0; i < 4 * SLOTS; i++)
			replace(next_random(&random) % SLOTS, i % 8 != 0);
		for (uint64_t slot = 0; slot < SLOTS; slot++)
			replace(slot, false);
		kmem_cache_shrink(cache);
	}
	return unused;
}

/* The next owner of the pages. */
static void *scribble(void *unused)
{
	while (!over) {
		unsigned long pages[64];

		for (int i = 0; i < 64; i++) {
			pages[i] = __get_free_pages(GFP_KERNEL, i % 4);
			memset((void *)pages[i], 0xff, (size_t)4096 << i % 4);
		}
		for (int i = 0; i < 64; i++)
			free_pages(pages[i], i % 4);
	}
	return unused;
}

/* ---- kfree_rcu ------------------------------------------------------------------------------ */

static void *read_stable(void *argument)
{
	uint64_t random = (uint64_t)(uintptr_t)argument;

	rcu_register_thread();
	while (!over) {
		volatile struct item *item;
		uint64_t value;

		rcu_read_lock();
		item = table[next_random(&random) % SLOTS];
		if (item != NULL) {
			value = item->value;
			linger(&random);
			if (item->value != value || item->not_value != ~value)
				invalid++;
		}
		rcu_read_unlock();
		reads++;
	}
	rcu_unregister_thread();
	return NULL;
}

static void *write_stable(void *unused)
{
	uint64_t random = 99;

	while (!over) {
		struct item *new = kmalloc(sizeof(*new), GFP_KERNEL), *old;

		new->value = next_random(&random);
		new->not_value = ~new->value;
		old = atomic_exchange(&table[next_random(&random) % SLOTS], new);
		if (with_rcu)
			kvfree_call_rcu(old != NULL ? &old->rest : NULL, old);
		else
			kfree(old);
		frees++;
	}
	return unused;
}

/* ---- One run --------------------------------------------------------------------------------- */

/* Until @seconds are over, or, when it is to go wrong, until it did. */
static void run(void *(*reader)(void *), void *(*writer)(void *), void *(*other)(void *),
		double seconds, bool stop_at_invalid)
{
	pthread_t threads[READERS + 2];
	double end = now_s() + seconds;

	over = false;
	is_control = stop_at_invalid;
	reads = invalid = reused = frees = 0;
	for (int i = 0; i < READERS; i++)
		pthread_create(&threads[i], NULL, reader, (void *)(uintptr_t)(i + 1));
	pthread_create(&threads[READERS], NULL, writer, NULL);
	pthread_create(&threads[READERS + 1], NULL, other, NULL);
	while (now_s() < end && !(stop_at_invalid && invalid != 0))
		usleep(5000);
	over = true;
	for (int i = 0; i < READERS + 2; i++)
		pthread_join(threads[i], NULL);
}

static uint64_t slabs_released(void)
{
	struct ukmem_stats stats;

	ukmem_stats_read(&stats);
	return stats.slabs_released;
}

static void verdict(bool good, const char *what)
{
	printf("%s %s: %lu reads, %lu invalid, %lu of a reused object, %lu frees, %lu slabs released\n",
	       good ? "ok" : "FAILED", what, reads, invalid, reused, frees,
	       (unsigned long)slabs_released());
	failures += !good;
}

static void typesafe(double seconds, bool flag)
{
	cache = kmem_cache_create("items", sizeof(struct item), 0,
				  flag ? SLAB_TYPESAFE_BY_RCU : SLAB_NOLEAKTRACE, construct);
	run(read_typesafe, write_typesafe, scribble, seconds, !flag);
	for (uint64_t slot = 0; slot < SLOTS; slot++)
		replace(slot, false);
	if (flag)
		verdict(invalid == 0 && reused != 0 && slabs_released() > 100,
			"readers of a typesafe cache meet nothing but its objects");
	else
		verdict(invalid != 0, "without SLAB_TYPESAFE_BY_RCU they do (negative control)");
	kmem_cache_destroy(cache);
}

static void *nothing(void *unused)
{
	return unused;
}

static void stable(double seconds, bool rcu)
{
	with_rcu = rcu;
	run(read_stable, write_stable, nothing, seconds, !rcu);
	for (int slot = 0; slot < SLOTS; slot++)
		kfree(atomic_exchange(&table[slot], NULL));
	if (rcu)
		verdict(invalid == 0 && frees > 1000, "what kfree_rcu frees is whole while it is read");
	else
		verdict(invalid != 0, "what kfree frees is not (negative control)");
	kvfree_rcu_barrier();
}

int main(int argc, char **argv)
{
	double seconds = argc > 1 ? atof(argv[1]) : 2;

	setvbuf(stdout, NULL, _IOLBF, 0);
	typesafe(seconds, true);
	typesafe(60, false);
	stable(seconds, true);
	stable(60, false);
	return failures != 0;
}

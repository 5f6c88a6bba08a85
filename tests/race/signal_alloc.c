/*
 * signal_alloc.c: a signal handler may allocate, whatever it interrupted.
 *
 * Three threads do nothing but slow things, with locks held: refills, flushes, slabs
 * grown and released, tuning, shrinking, caches made and destroyed, large blocks, the
 * table printed. Each is interrupted by a timer of its own every 40 us, whose handler
 * takes objects with GFP_ATOMIC and GFP_NOWAIT from the same caches: typed, off-slab,
 * kmalloc, cleared. It may get none, but it never waits: a watchdog ends the program
 * when nobody got on for 20 s. What it got is freed by the interrupted thread. Beside
 * them the process forks: fork wants every lock, also those that a handler waits behind.
 */
#include "race.h"

enum { THREADS = 3, CACHES = 4, TIMER_US = 40, SECONDS = 2, CAUGHT_MAX = 64, KMALLOC_BYTES = 700 };

/* Lives and dies with a thread; the handler pushes, the thread pops with signals off. */
struct catch {
	void *objects[CAUGHT_MAX];
	unsigned kinds[CAUGHT_MAX];
	volatile unsigned count;
	uint64_t signals, allocations, refusals, turn;
	uint32_t number;
};

static struct kmem_cache *caches[CACHES];
static const unsigned sizes[CACHES] = { 64, 400, 1000, 3000 };
static __thread struct catch *my_catch;
static struct catch catches[THREADS];
static _Atomic bool over;
static _Atomic uint64_t operations;
static unsigned forks;

enum { KIND_KMALLOC = CACHES, KINDS };

static void on_timer(int signal_number)
{
	struct catch *catch = my_catch;
	int kept_errno = errno;

	(void)signal_number;
	if (catch == NULL)
		return;
	catch->signals++;
	for (int i = 0; i < 3 && catch->count < CAUGHT_MAX; i++) {
		unsigned kind = (unsigned)(catch->turn++ % KINDS);
		gfp_t gfp = (catch->turn >> 3 & 1 ? GFP_ATOMIC : GFP_NOWAIT) |
			    (kind == KIND_KMALLOC && (catch->turn & 64) ? __GFP_ZERO : 0);
		void *object = kind == KIND_KMALLOC ? kmalloc(KMALLOC_BYTES, gfp) :
						      kmem_cache_alloc(caches[kind], gfp);

		if (object == NULL) {
			catch->refusals++;
			continue;
		}
		if (kind != KIND_KMALLOC)
			stamp_take(object, catch->number);
		catch->kinds[catch->count] = kind;
		catch->objects[catch->count++] = object;
		catch->allocations++;
	}
	errno = kept_errno;
}

static void block_timer(int how)
{
	sigset_t set;

	sigemptyset(&set);
	sigaddset(&set, SIGUSR1);
	pthread_sigmask(how, &set, NULL);
}

static void free_caught(struct catch *catch)
{
	void *objects[CAUGHT_MAX];
	unsigned kinds[CAUGHT_MAX], count;

	block_timer(SIG_BLOCK);
	count = catch->count;
	memcpy(objects, catch->objects, sizeof(objects));
	memcpy(kinds, catch->kinds, sizeof(kinds));
	catch->count = 0;
	block_timer(SIG_UNBLOCK);
	for (unsigned i = 0; i < count; i++) {
		if (kinds[i] == KIND_KMALLOC) {
			kfree(objects[i]);
		} else {
			stamp_drop(objects[i], catch->number);
			kmem_cache_free(caches[kinds[i]], objects[i]);
		}
	}
}

/* ---- Slow things ----------------------------------------------------------------------- */

static void many(uint64_t *random)
{
	struct kmem_cache *cache = caches[next_random(random) % CACHES];
	void *objects[300];

	if (kmem_cache_alloc_bulk(cache, GFP_KERNEL, 300, objects) != 300)
		broken("bulk refused");
	kmem_cache_free_bulk(cache, 300, objects);
}

static void tune(uint64_t *random)
{
	int limit = 1 + (int)(next_random(random) % 200);

	if (kmem_cache_tune(caches[next_random(random) % CACHES], limit, (limit + 1) / 2,
			    (int)(next_random(random) % 4)) != 0)
		broken("tune refused");
}

static void shrink(uint64_t *random)
{
	kmem_cache_shrink(caches[next_random(random) % CACHES]);
}

static void create(uint64_t *random)
{
	struct kmem_cache *cache = stamped_cache("other", 500 + next_random(random) % 3000);

	kmem_cache_free(cache, kmem_cache_alloc(cache, GFP_KERNEL));
	kmem_cache_destroy(cache);
}

static void large(uint64_t *random)
{
	size_t size = 5000 + next_random(random) % 500000;
	char *block = kmalloc(size, GFP_KERNEL), *more = kvmalloc(6 << 20, GFP_KERNEL);

	block[size - 1] = 1;
	kfree(block);
	kvfree(more);
}

static void print(uint64_t *random)
{
	char text[4096];
	struct ukmem_stats stats;

	(void)random;
	slabinfo_read(text, sizeof(text));
	ukmem_stats_read(&stats);
}

static void *work(void *argument)
{
	static void (*const actions[])(uint64_t *) = { many, many, tune, shrink, create, large, print };
	struct sigevent event = { .sigev_notify = SIGEV_THREAD_ID, .sigev_signo = SIGUSR1 };
	struct itimerspec every = { { 0, TIMER_US * 1000 }, { 0, TIMER_US * 1000 } };
	struct catch *catch = argument;
	uint64_t random = seed_for(1, catch->number);
	timer_t timer;

	my_catch = catch;
	event._sigev_un._tid = my_tid();
	timer_create(CLOCK_MONOTONIC, &event, &timer);
	timer_settime(timer, 0, &every, NULL);
	while (!over) {
		for (int i = 0; i < 10; i++, operations++)
			actions[next_random(&random) % 7](&random);
		pin(0, next_random(&random));
		free_caught(catch);
	}
	timer_delete(timer);
	my_catch = NULL;
	free_caught(catch);
	return NULL;
}

/* In a thread without a timer. */
static void *fork_children(void *unused)
{
	block_timer(SIG_BLOCK);
	for (; !over; sleep_us(3000), forks++) {
		int status;
		pid_t child = fork();

		if (child == 0) {       /* starts no helper thread: sanitize.sh says why */
			kmem_cache_alloc(caches[0], GFP_ATOMIC);
			_exit(0);
		}
		if (child < 0 || waitpid(child, &status, 0) != child || status != 0)
			broken("a fork child ended with status %x", (unsigned)status);
	}
	return unused;
}

/* ---- One run ------------------------------------------------------------------------------ */

static void watch(double seconds)
{
	uint64_t seen = 0;
	double start = now_s(), moved = start;

	while (now_s() - start < seconds) {
		sleep_us(100000);
		if (operations != seen)
			moved = now_s();
		seen = operations;
		if (now_s() - moved > 20)
			abort();        /* the core shows who waits for whom */
	}
}

static int run(void)
{
	uint64_t signals = 0, allocations = 0, refusals = 0;
	const char *options = getenv("UKMEM_OPTIONS");
	pthread_t threads[THREADS], forker;
	bool clean = true;
	struct line line;

	for (unsigned i = 0; i < CACHES; i++) {
		char name[20];

		snprintf(name, sizeof(name), "signal-%u", sizes[i]);
		caches[i] = stamped_cache(name, sizes[i]);
	}
	for (unsigned i = 0; i < THREADS; i++) {
		catches[i].number = i + 1;
		pthread_create(&threads[i], NULL, work, &catches[i]);
	}
	pthread_create(&forker, NULL, fork_children, NULL);
	watch(SECONDS * race_factor());
	over = true;
	alarm(30);
	pthread_join(forker, NULL);
	for (unsigned i = 0; i < THREADS; i++) {
		pthread_join(threads[i], NULL);
		signals += catches[i].signals;
		allocations += catches[i].allocations;
		refusals += catches[i].refusals;
	}
	for (unsigned i = 0; i < CACHES; i++)
		clean &= nothing_lost(caches[i], &line);
	verdict(clean && allocations > 0, "a handler allocates whatever it interrupted",
		"%s, %llu slow operations, %llu signals, %llu objects, %llu refusals, %u forks", options,
		(unsigned long long)operations, (unsigned long long)signals,
		(unsigned long long)allocations, (unsigned long long)refusals, forks);
	return race_failures != 0;
}

int main(int argc, char **argv)
{
	struct sigaction action = { .sa_handler = on_timer, .sa_flags = SA_RESTART };

	find_cpus();
	sigaction(SIGUSR1, &action, NULL);
	return argc > 1 ? run() : run_each_way(argv[0], 5);
}

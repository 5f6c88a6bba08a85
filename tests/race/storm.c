/*
 * storm.c: everything at once, and no object lost, doubled or changed.
 *
 * Eight workers (more than CPUs) allocate, free, and pass objects to each other; each
 * moves to another CPU every 1000 operations and is interrupted by a timer of its own
 * every 50 us, whose handler allocates too. Beside them the sizes of the arrays change,
 * caches are shrunk, reaped, made and destroyed, and the process forks; each child
 * allocates and frees from what it inherited.
 *
 * Must hold: a fresh object belongs to nobody and is in constructed state; an object
 * held keeps its contents; in the end, all freed, no object is out and no slab is left.
 *
 *   storm                       every way of working, 10^8 operations each
 *   storm one [OPERATIONS] [SEED] [quiet]
 *                               as UKMEM_OPTIONS says; quiet: no signals, no fork
 */
#include "race.h"

enum {
	WORKERS = 8,
	HELD_MAX = 96,
	MAILBOXES = 64,
	HANDLER_SLOTS = 4,
	HOP_OPERATIONS = 1000,
	TIMER_US = 50,
	FROM_HANDLER = 1 << 16,         /* in an owner's number */
	IN_CHILD = 1 << 17,
};

/* What a worker holds: of which cache each object is, its place says. */
struct worker {
	pthread_t thread;
	uint32_t number;                /* from 1 on */
	uint64_t random, operations;
	struct stamp *held[2][HELD_MAX];
	unsigned held_count[2];
	unsigned char *plain[HELD_MAX];
	unsigned plain_count;
	struct stamp *_Atomic caught[HANDLER_SLOTS];    /* the handler's, ours to free */
	uint64_t signals, caught_count;
};

static struct worker workers[WORKERS];
static struct kmem_cache *stamped[2], *plain_cache;
static struct stamp *_Atomic mailbox[MAILBOXES];
static __thread struct worker *me;
static _Atomic bool over;
static uint64_t operations_each, seed;
static bool quiet;
static unsigned long tunes, shrinks, creations, forks;

enum { PLAIN_BYTES = 96 };

/* ---- The handler ---------------------------------------------------------------------- */

static void on_timer(int signal_number)
{
	struct worker *worker = me;
	int kept_errno = errno;

	(void)signal_number;
	if (worker == NULL)
		return;
	worker->signals++;
	for (unsigned i = 0; i < HANDLER_SLOTS; i++) {
		struct stamp *stamp;

		if (atomic_load_explicit(&worker->caught[i], memory_order_relaxed) != NULL)
			continue;
		stamp = kmem_cache_alloc(stamped[i & 1], GFP_ATOMIC);
		if (stamp == NULL)
			break;
		stamp_take(stamp, worker->number | FROM_HANDLER);
		worker->caught_count++;
		atomic_store_explicit(&worker->caught[i], stamp, memory_order_relaxed);
		break;
	}
	errno = kept_errno;
}

static void free_caught(struct worker *worker)
{
	for (unsigned i = 0; i < HANDLER_SLOTS; i++) {
		struct stamp *stamp = atomic_exchange(&worker->caught[i], NULL);

		if (stamp == NULL)
			continue;
		stamp_drop(stamp, worker->number | FROM_HANDLER);
		kmem_cache_free(stamped[i & 1], stamp);
	}
}

static timer_t start_timer(void)
{
	struct sigevent event = { .sigev_notify = SIGEV_THREAD_ID, .sigev_signo = SIGUSR1 };
	struct itimerspec every = { { 0, TIMER_US * 1000 }, { 0, TIMER_US * 1000 } };
	timer_t timer = NULL;

	event._sigev_un._tid = my_tid();
	if (timer_create(CLOCK_MONOTONIC, &event, &timer) != 0 ||
	    timer_settime(timer, 0, &every, NULL) != 0)
		broken("no timer: %s", strerror(errno));
	return timer;
}

/* ---- The workers ----------------------------------------------------------------------- */

static void alloc_stamped(struct worker *worker, unsigned which)
{
	struct stamp *stamp = kmem_cache_alloc(stamped[which], GFP_KERNEL);

	if (stamp == NULL)
		broken("allocation refused");
	stamp_take(stamp, worker->number);
	worker->held[which][worker->held_count[which]++] = stamp;
}

/* Not the one taken last, but any; sometimes through a mailbox, to be freed elsewhere. */
static void free_stamped(struct worker *worker, unsigned which, uint32_t chance)
{
	unsigned i = chance % worker->held_count[which];
	struct stamp *stamp = worker->held[which][i];
	uint32_t owner = worker->number;

	worker->held[which][i] = worker->held[which][--worker->held_count[which]];
	if (chance >> 28 == 0) {
		stamp = atomic_exchange(&mailbox[(chance >> 8) % (MAILBOXES / 2) * 2 + which],
					stamp);
		if (stamp == NULL)
			return;
		owner = atomic_load_explicit(&stamp->owner, memory_order_relaxed);
	}
	stamp_drop(stamp, owner);
	kmem_cache_free(stamped[which], stamp);
}

static unsigned char plain_pattern(const unsigned char *object, const struct worker *worker)
{
	return (unsigned char)(((uintptr_t)object >> 5) + worker->number);
}

static void alloc_plain(struct worker *worker)
{
	unsigned char *object = kmem_cache_alloc(plain_cache, GFP_KERNEL);

	if (object == NULL)
		broken("allocation refused");
	memset(object, plain_pattern(object, worker), PLAIN_BYTES);
	worker->plain[worker->plain_count++] = object;
}

static void free_plain(struct worker *worker)
{
	unsigned char *object = worker->plain[--worker->plain_count];
	unsigned char pattern = plain_pattern(object, worker);

	for (unsigned i = 0; i < PLAIN_BYTES; i++)
		if (object[i] != pattern)
			broken("plain object %p of %u: byte %u changed", (void *)object,
			       worker->number, i);
	kmem_cache_free(plain_cache, object);
}

/* A walk between nothing and HELD_MAX objects that mostly stays where it is: hits. */
static void step(struct worker *worker, uint32_t chance)
{
	unsigned which = chance & 1;
	bool more = (chance >> 1 & 1) != 0;

	if ((chance >> 2 & 7) == 0) {
		if (worker->plain_count == 0 || (more && worker->plain_count < HELD_MAX))
			alloc_plain(worker);
		else
			free_plain(worker);
	} else if (worker->held_count[which] == 0 ||
		   (more && worker->held_count[which] < HELD_MAX)) {
		alloc_stamped(worker, which);
	} else {
		free_stamped(worker, which, chance);
	}
}

static void free_all(struct worker *worker)
{
	for (unsigned which = 0; which < 2; which++)
		while (worker->held_count[which] != 0) {
			struct stamp *stamp = worker->held[which][--worker->held_count[which]];

			stamp_drop(stamp, worker->number);
			kmem_cache_free(stamped[which], stamp);
		}
	while (worker->plain_count != 0)
		free_plain(worker);
}

static void *work(void *argument)
{
	struct worker *worker = argument;
	timer_t timer = NULL;

	if (!quiet) {
		me = worker;
		timer = start_timer();
	}
	for (uint64_t i = 0; i < operations_each; i++) {
		if (i % HOP_OPERATIONS == 0)
			pin(0, next_random(&worker->random));
		if (i % 64 == 0)
			free_caught(worker);
		step(worker, next_random(&worker->random));
	}
	worker->operations = operations_each;
	if (!quiet) {
		timer_delete(timer);
		me = NULL;
	}
	free_caught(worker);
	free_all(worker);
	return NULL;
}

/* ---- What happens beside them ------------------------------------------------------------ */

static struct kmem_cache *any_cache(uint32_t chance)
{
	return chance % 3 == 2 ? plain_cache : stamped[chance % 3];
}

static void *tune(void *unused)
{
	static const int limits[] = { 120, 60, 250, 400, 16, 3, 120, 1 };
	uint64_t random = seed_for(seed, 100);

	for (; !over; sleep_us(2000), tunes++) {
		uint32_t chance = next_random(&random);
		int limit = limits[chance % 8];
		int result = kmem_cache_tune(any_cache(chance >> 8), limit, (limit + 1) / 2,
					     (int)(chance >> 16 & 3) * 2);

		if (result != 0)
			broken("tune: %d", result);
	}
	return unused;
}

static void *shrink(void *unused)
{
	uint64_t random = seed_for(seed, 101);

	for (; !over; sleep_us(1000), shrinks++)
		kmem_cache_shrink(any_cache(next_random(&random)));
	return unused;
}

static void *create(void *unused)
{
	uint64_t random = seed_for(seed, 102);

	for (; !over; sleep_us(3000), creations++) {
		unsigned size = 512 + next_random(&random) % 4096;
		struct kmem_cache *cache = stamped_cache("storm-other", size);
		void *objects[20];

		if (kmem_cache_alloc_bulk(cache, GFP_KERNEL, 20, objects) != 20)
			broken("bulk refused");
		kmem_cache_free_bulk(cache, 20, objects);
		kmem_cache_destroy(cache);
	}
	return unused;
}

/* The child sees each worker as of one moment; what it held stays out for ever. */
static NEVER_INLINE void live_as_child(void)
{
	struct stamp *held[200];
	struct kmem_cache *cache;

	alarm(60);
	for (unsigned i = 0; i < 200; i++) {
		held[i] = kmem_cache_alloc(stamped[0], GFP_KERNEL);
		if (held[i] == NULL)
			broken("allocation refused in a fork child");
		stamp_take(held[i], IN_CHILD);
	}
	for (unsigned i = 0; i < 200; i++) {
		stamp_drop(held[i], IN_CHILD);
		kmem_cache_free(stamped[0], held[i]);
	}
	kmem_cache_shrink(stamped[0]);
	cache = stamped_cache("storm-child", 800);
	kmem_cache_free(cache, kmem_cache_alloc(cache, GFP_KERNEL));
	kmem_cache_destroy(cache);
	_exit(0);
}

static void *fork_children(void *unused)
{
	for (; !over && !quiet; sleep_us(20000), forks++) {
		int status;
		pid_t child = fork();

		if (child == 0)
			live_as_child();
		if (child < 0 || waitpid(child, &status, 0) != child || status != 0)
			broken("fork child %ld ended with status %x", (long)child,
			       (unsigned)status);
	}
	return unused;
}

/* ---- One run -------------------------------------------------------------------------------- */

static void make_world(void)
{
	struct sigaction action = { .sa_handler = on_timer, .sa_flags = SA_RESTART };

	stamped[0] = stamped_cache("storm-64", 64);
	stamped[1] = stamped_cache("storm-200", 200);
	plain_cache = kmem_cache_create("storm-plain", PLAIN_BYTES, 0, 0, NULL);
	if (plain_cache == NULL)
		broken("cache refused");
	sigaction(SIGUSR1, &action, NULL);
}

static void run(void)
{
	void *(*const beside[])(void *) = { tune, shrink, create, fork_children };
	pthread_t others[4];

	for (unsigned i = 0; i < WORKERS; i++) {
		workers[i].number = i + 1;
		workers[i].random = seed_for(seed, i);
		pthread_create(&workers[i].thread, NULL, work, &workers[i]);
	}
	for (unsigned i = 0; i < 4; i++)
		pthread_create(&others[i], NULL, beside[i], NULL);
	for (unsigned i = 0; i < WORKERS; i++)
		pthread_join(workers[i].thread, NULL);
	over = true;
	for (unsigned i = 0; i < 4; i++)
		pthread_join(others[i], NULL);
	for (unsigned i = 0; i < MAILBOXES; i++) {
		struct stamp *stamp = mailbox[i];

		if (stamp == NULL)
			continue;
		stamp_drop(stamp, stamp->owner);
		kmem_cache_free(stamped[i & 1], stamp);
	}
}

static void report(double seconds)
{
	struct kmem_cache *caches[] = { stamped[0], stamped[1], plain_cache };
	const char *options = getenv("UKMEM_OPTIONS");
	uint64_t operations = 0, signals = 0, caught = 0;
	struct ukmem_stats stats;
	bool clean = true;

	for (unsigned i = 0; i < WORKERS; i++) {
		operations += workers[i].operations;
		signals += workers[i].signals;
		caught += workers[i].caught_count;
	}
	for (unsigned i = 0; i < 3; i++) {
		struct line line;

		if (nothing_lost(caches[i], &line))
			continue;
		clean = false;
		printf("        %s: %zu objects out, %zu slabs left\n",
		       kmem_cache_name(caches[i]), line.active, line.slabs);
	}
	ukmem_stats_read(&stats);
	verdict(clean, "a storm loses, doubles and changes nothing",
		"%s, seed %llu, %.3g operations in %.1f s, %.0f signals/s, %llu objects from "
		"handlers, %llu refills, %llu aborts, %lu tunes, %lu shrinks, %llu reaps, "
		"%lu caches, %lu forks (%s%s)", options != NULL ? options : "no options",
		(unsigned long long)seed, (double)operations, seconds,
		(double)signals / seconds, (unsigned long long)caught,
		(unsigned long long)stats.alloc_refills,
		(unsigned long long)stats.sequences_aborted, tunes, shrinks,
		(unsigned long long)stats.reap_rounds, creations, forks,
		stats.backend_is_rseq ? "rseq" : "locked", stats.index_is_cid ? ", cid" : "");
}

static int run_one(double operations)
{
	double start;

	operations_each = (uint64_t)(operations / WORKERS);
	make_world();
	start = now_s();
	run();
	report(now_s() - start);
	return race_failures != 0;
}

static bool spawn_one(char *self, const char *options, double operations)
{
	char amount[32], number[32];
	int status;
	pid_t child = fork();

	if (child == 0) {
		snprintf(amount, sizeof(amount), "%.0f", operations);
		snprintf(number, sizeof(number), "%llu", (unsigned long long)seed);
		setenv("UKMEM_OPTIONS", options, 1);
		execl(self, self, "one", amount, number, NULL);
		_exit(127);
	}
	waitpid(child, &status, 0);
	if (status != 0)
		verdict(false, "a storm ends well", "%s, seed %llu, status %x", options,
			(unsigned long long)seed, (unsigned)status);
	return status == 0;
}

/* A made-up machine needs a slot for every CPU there is, or it would be locked. */
static void run_every_way(char *self)
{
	double operations = 1e8 * race_factor();
	long cpus = sysconf(_SC_NPROCESSORS_CONF);
	char two_nodes[80];

	snprintf(two_nodes, sizeof(two_nodes), "reap_ms:10 topology:%ldx2", cpus > 4 ? cpus : 4);
	if (cpus >= 2)
		snprintf(two_nodes, sizeof(two_nodes), "reap_ms:10 topology:%ldx2", cpus);
	spawn_one(self, "reap_ms:10 backend:rseq index:cid", operations);
	spawn_one(self, "reap_ms:10 backend:rseq index:cpu", operations / 2);
	spawn_one(self, two_nodes, operations / 4);
	spawn_one(self, "reap_ms:10 backend:locked", operations / 4);
	spawn_one(self, "reap_ms:10 profile:slab", operations / 4);
	spawn_one(self, "reap_ms:10 hardening:strict", operations / 4);
}

int main(int argc, char **argv)
{
	find_cpus();
	seed = argc > 3 ? strtoull(argv[3], NULL, 10) : (uint64_t)time(NULL);
	quiet = argc > 4;
	if (argc > 1)
		return run_one(argc > 2 ? atof(argv[2]) : 1e8);
	run_every_way(argv[0]);
	return race_failures != 0;
}

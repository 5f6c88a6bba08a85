/*
 * delay.c: every sequence, stalled at every point, is aborted and still right.
 *
 * Unaided, aborts almost never happen: a sequence lasts 2 ns. So the library is built
 * with UKMEM_RSEQ_DELAY, and one point of one sequence at a time (arch/rseq_delay.h) is
 * made to last about 10 us in 25, 50 or 100 of 100 operations (and now and then another
 * point of the same sequence too: some mistakes need two stalls to meet), while somebody
 * comes in between, in one of these manners:
 *
 *   loop     other threads on the same CPU, at their time slices; the drainer's fences
 *   yield    threads on the same CPU that do little and give it up, over and over
 *   sleep    threads on the same CPU that wake every 20 us
 *   signal   a thread on another CPU sends signals; the handler allocates
 *   move     a thread on another CPU moves the stalled one about
 *
 * A cell is a point, a manner and a share. In each, three workers allocate in bursts
 * that overflow and exhaust their small arrays, a drainer shrinks and tunes, and in the
 * end nothing may be lost, doubled or changed; and, over the cells of a sequence, it
 * must have been aborted at least 1000 times. `delay MANNER SEQUENCE...` runs that manner
 * only, and these sequences only: where the cache is of a kind that never runs the others.
 */
#include "race.h"

#include <sys/prctl.h>

#include "arch/rseq_delay.h"
#include "cache/cache.h"
#include "cpu/classes.h"
#include "os/thread.h"

enum {
	WORKERS = 3,                    /* two on the first CPU, one on the second */
	BURST = 24,
	ARRAY_LIMIT = 10,
	DELAY_US = 10,
	CELL_MS = 25,
	ABORTS_MIN = 1000,
	PASSES_MAX = 20,
	FROM_HANDLER = 1 << 16,
};

enum way { ONE_BY_ONE, BY_CLASS, IN_BULK };

static const struct sequence {
	const char *name;
	enum seq_kind kind;
	int first, last;                /* its points */
	enum way way;
} sequences[] = {
	{ "pop", SEQ_POP, 0, 5, ONE_BY_ONE },
	{ "push", SEQ_PUSH, 6, 12, ONE_BY_ONE },
	{ "push_class", SEQ_PUSH, 6, 12, BY_CLASS },
	{ "take_all", SEQ_TAKE, 13, 17, ONE_BY_ONE },
	{ "put", SEQ_PUT, 18, 23, ONE_BY_ONE },
	{ "pop_some", SEQ_POP_SOME, 24, 27, IN_BULK },
	{ "push_some", SEQ_PUSH_SOME, 28, 31, IN_BULK },
};

enum { A_CLASS = 254 };                 /* nobody's: kfree finds our arrays by it */

enum manner { LOOP, YIELD, SLEEP, SIGNAL, MOVE, MANNERS };
static const char *const manner_names[MANNERS] = { "loop", "yield", "sleep", "signal", "move" };

static const unsigned shares[] = { 25, 50, 100 };

/* One cell. */
static struct {
	int point, first, count;        /* its sequence's points are first .. first+count-1 */
	enum way way;
	enum manner manner;
	unsigned share;
	_Atomic bool over;
	_Atomic uint64_t operations;
	_Atomic pid_t victim;
} cell;

static struct kmem_cache *cache;
static uint32_t rounds;                 /* of the delay loop, for DELAY_US */
static __thread struct stamp *_Atomic *caught;  /* where the handler leaves an object */
static __thread uint32_t my_number;

/* ---- Who comes in between ------------------------------------------------------------ */

static void on_signal(int signal_number)
{
	struct stamp *stamp;

	(void)signal_number;
	if (caught == NULL || *caught != NULL)
		return;
	stamp = kmem_cache_alloc(cache, GFP_ATOMIC);
	if (stamp == NULL)
		return;
	stamp_take(stamp, my_number | FROM_HANDLER);
	*caught = stamp;
}

static void one_operation(uint32_t number)
{
	struct stamp *stamp = kmem_cache_alloc(cache, GFP_KERNEL);

	stamp_take(stamp, number);
	stamp_drop(stamp, number);
	kmem_cache_free(cache, stamp);
}

static void *interfere(void *unused)
{
	unsigned moves = 0;

	pin(0, cell.manner == YIELD || cell.manner == SLEEP ? 0 : 1);
	prctl(PR_SET_TIMERSLACK, 1ul);   /* sleeps as short as they say */
	while (!cell.over) {
		pid_t victim = cell.victim;

		switch (cell.manner) {
		case YIELD:
			one_operation(200);
			sched_yield();
			break;
		case SLEEP:
			one_operation(201);
			sleep_us(20);
			break;
		case SIGNAL:
			if (victim != 0)
				syscall(SYS_tgkill, getpid(), victim, SIGUSR1);
			sleep_us(5);
			break;
		case MOVE:
			if (victim != 0)
				pin(victim, moves++);
			sleep_us(20);
			break;
		default:
			sleep_us(1000);
		}
	}
	return unused;
}

/* Fences, new arrays, and the reaper's way with arrays. */
static void *drain(void *unused)
{
	static const int limits[] = { ARRAY_LIMIT, 5, ARRAY_LIMIT, 300 };

	for (unsigned i = 0; !cell.over; i++) {
		if (i % 3 == 0)
			kmem_cache_tune(cache, limits[i % 4], (limits[i % 4] + 1) / 2, (int)(i & 2));
		else
			kmem_cache_shrink(cache);
		sleep_us(500);
	}
	return unused;
}

/* ---- Who is stalled -------------------------------------------------------------------- */

/* The next operation is a delayed one with the cell's share. The switch is one for all. */
static void choose(uint64_t *random)
{
	uint32_t chance = next_random(random);
	bool stall = chance % 100 < cell.share, also = chance >> 29 == 0;
	int other = cell.first + (int)((chance >> 8) % (unsigned)cell.count);

	__atomic_store_n(&rseq_delay[other], also ? rounds : 0, __ATOMIC_RELAXED);
	__atomic_store_n(&rseq_delay[cell.point], stall ? rounds : 0, __ATOMIC_RELAXED);
}

static void free_caught(uint32_t number)
{
	struct stamp *stamp = *caught;

	if (stamp == NULL)
		return;
	stamp_drop(stamp, number | FROM_HANDLER);
	kmem_cache_free(cache, stamp);
	*caught = NULL;
}

static void give_back(struct stamp *stamp)
{
	if (cell.way == BY_CLASS)
		kfree(stamp);
	else
		kmem_cache_free(cache, stamp);
}

static void work_one_by_one(struct stamp **held, unsigned burst, uint32_t number, uint64_t *random)
{
	for (unsigned i = 0; i < burst; i++) {
		choose(random);
		held[i] = kmem_cache_alloc(cache, GFP_KERNEL);
		stamp_take(held[i], number);
	}
	for (unsigned i = 0; i < burst; i++) {
		choose(random);
		stamp_drop(held[i], number);
		give_back(held[i]);
	}
}

/* Each sequence once or twice: what the array has, what it misses, the rest. */
static void work_in_bulk(struct stamp **held, unsigned burst, uint32_t number, uint64_t *random)
{
	choose(random);
	if (kmem_cache_alloc_bulk(cache, GFP_KERNEL, burst, (void **)held) != (int)burst)
		broken("bulk refused");
	for (unsigned i = 0; i < burst; i++)
		stamp_take(held[i], number);
	for (unsigned i = 0; i < burst; i++)
		stamp_drop(held[i], number);
	choose(random);
	kmem_cache_free_bulk(cache, burst, (void **)held);
}

static void *work(void *argument)
{
	uint32_t number = (uint32_t)(uintptr_t)argument;
	uint64_t random = seed_for((uint64_t)cell.point, number), operations = 0;
	struct stamp *held[BURST];
	struct stamp *_Atomic from_handler = NULL;

	my_number = number;
	caught = &from_handler;
	pin(0, number == WORKERS);
	if (number == 1)
		cell.victim = my_tid();
	while (!cell.over) {
		unsigned burst = 1 + next_random(&random) % BURST;

		if (cell.way == IN_BULK)
			work_in_bulk(held, burst, number, &random);
		else
			work_one_by_one(held, burst, number, &random);
		free_caught(number);
		operations += 2 * burst;
	}
	cell.operations += operations;
	caught = NULL;
	if (from_handler != NULL) {
		stamp_drop(from_handler, number | FROM_HANDLER);
		kmem_cache_free(cache, from_handler);
	}
	return NULL;
}

/* ---- The matrix ---------------------------------------------------------------------------- */

static void run_cell(int point, enum manner manner, unsigned share, double ms)
{
	pthread_t threads[WORKERS + 2];
	struct line line;

	cell.point = point;
	cell.manner = manner;
	cell.share = share;
	cell.over = false;
	cell.victim = 0;
	for (uintptr_t i = 0; i < WORKERS; i++)
		pthread_create(&threads[i], NULL, work, (void *)(i + 1));
	pthread_create(&threads[WORKERS], NULL, interfere, NULL);
	pthread_create(&threads[WORKERS + 1], NULL, drain, NULL);
	sleep_us((long)(ms * 1000));
	cell.over = true;
	for (unsigned i = 0; i < WORKERS + 2; i++)
		pthread_join(threads[i], NULL);
	memset(rseq_delay, 0, RSEQ_DELAY_POINTS * sizeof(rseq_delay[0]));
	if (!nothing_lost(cache, &line))
		broken("point %d, %s, %u %%: %zu objects out, %zu slabs left", point,
		       manner_names[manner], share, line.active, line.slabs);
}

/* How long a delayed pair takes, so that a delay is about DELAY_US on any machine. */
static void calibrate(void)
{
	enum { PAIRS = 200, TRIAL = 2000 };
	double best = 1e9;

	for (int i = 0; i < 5; i++) {
		double start;

		rseq_delay[0] = TRIAL;
		start = now_s();
		for (int pair = 0; pair < PAIRS; pair++)
			kmem_cache_free(cache, kmem_cache_alloc(cache, GFP_KERNEL));
		start = (now_s() - start) / PAIRS * 1e6;
		if (start < best)
			best = start;
	}
	rseq_delay[0] = 0;
	rounds = (uint32_t)(TRIAL * DELAY_US / best) + 1;
	printf("        a round of the delay loop lasts %.1f ns: %u rounds for %d us\n",
	       best * 1000 / TRIAL, rounds, DELAY_US);
}

static uint64_t all_aborts(enum seq_kind kind)
{
	return counter_read(&seq_aborts[kind]);
}

/* What the cells of a sequence came to. */
struct tally {
	uint64_t by_manner[MANNERS], of_point[RSEQ_DELAY_POINTS], total;
	unsigned cells;
};

static void run_point(enum seq_kind kind, int point, const char *only, double ms,
		      struct tally *tally)
{
	for (unsigned manner = 0; manner < MANNERS; manner++) {
		uint64_t before = all_aborts(kind);

		if (only != NULL && strcmp(only, manner_names[manner]) != 0)
			continue;
		for (unsigned i = 0; i < 3; i++, tally->cells++)
			run_cell(point, (enum manner)manner, shares[i], ms);
		before = all_aborts(kind) - before;
		tally->by_manner[manner] += before;
		tally->of_point[point] += before;
		tally->total += before;
	}
}

static uint64_t fewest_of(const struct tally *tally, int first, int count)
{
	uint64_t fewest = UINT64_MAX;

	for (int point = first; point < first + count; point++)
		if (tally->of_point[point] < fewest)
			fewest = tally->of_point[point];
	return fewest;
}

/* On a machine that others use too aborts may be rare: go over the points again then. */
static void run_sequence(const struct sequence *sequence, const char *only, double ms)
{
	int first = sequence->first, count = sequence->last - first + 1;
	struct tally tally = { 0 };
	double start = now_s();

	cell.operations = 0;
	cell.first = first;
	cell.count = count;
	cell.way = sequence->way;
	for (int pass = 0; pass < PASSES_MAX && tally.total < ABORTS_MIN; pass++)
		for (int point = first; point < first + count; point++)
			run_point(sequence->kind, point, only, ms, &tally);
	verdict(tally.total >= ABORTS_MIN, "a stalled sequence is aborted and loses nothing",
		"%s, %u cells, %.3g operations in %.1f s, %llu aborts (loop %llu, yield %llu, "
		"sleep %llu, signal %llu, move %llu; fewest at a point %llu)",
		sequence->name, tally.cells, (double)cell.operations, now_s() - start,
		(unsigned long long)tally.total, (unsigned long long)tally.by_manner[LOOP],
		(unsigned long long)tally.by_manner[YIELD],
		(unsigned long long)tally.by_manner[SLEEP],
		(unsigned long long)tally.by_manner[SIGNAL],
		(unsigned long long)tally.by_manner[MOVE],
		(unsigned long long)fewest_of(&tally, first, count));
}

/* @names end with NULL; where there are none, all are meant. */
static bool is_among(const char *name, char **names)
{
	if (names == NULL)
		return true;
	while (*names != NULL && strcmp(*names, name) != 0)
		names++;
	return *names != NULL;
}

int main(int argc, char **argv)
{
	struct sigaction action = { .sa_handler = on_signal, .sa_flags = SA_RESTART };
	struct ukmem_stats stats;

	setenv("UKMEM_OPTIONS", "reap_ms:10", 0);
	find_cpus();
	sigaction(SIGUSR1, &action, NULL);
	cache = stamped_cache("delay", 64);
	cpu_enter_class(&cache->cpu, A_CLASS);
	kmem_cache_free(cache, kmem_cache_alloc(cache, GFP_KERNEL));
	ukmem_stats_read(&stats);
	if (!stats.backend_is_rseq) {
		printf("skipped no sequences on this machine\n");
		return 0;
	}
	calibrate();
	for (unsigned i = 0; i < ARRAY_LENGTH(sequences); i++)
		if (is_among(sequences[i].name, argc > 2 ? &argv[2] : NULL))
			run_sequence(&sequences[i], argc > 1 ? argv[1] : NULL,
				     CELL_MS * race_factor());
	return race_failures != 0;
}

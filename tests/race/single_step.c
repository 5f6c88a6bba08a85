/*
 * single_step.c: a program under a debugger's single steps gets on.
 *
 * Each step ends the running sequence, so under single steps none ever commits. A child
 * is stepped, instruction by instruction, through its first use of the library, a
 * refill, a flush and many pairs. It must finish, with no more than a bounded number of
 * instructions for each: sequences are given up after a few tries. With UKMEM_RACE_FACTOR
 * below 1 it is stepped after its first use, through a fifth, with arrays of 20.
 *
 * Such aborts can be foretold, so their count is looked at too: a kmalloc, kfree, malloc or
 * free has one more than a kmem_cache_alloc or kmem_cache_free, which it tries next.
 */
#include "race.h"

#include <sys/ptrace.h>
#include <sys/user.h>

#include "malloc/heap.h"

enum {
	PAIRS = 40,
	PAIRS_COUNTED = 5,
	OBJECTS = 130,                  /* over the limit of 120: the arrays overflow */
	STEPS_FIRST_MAX = 300000,       /* boot reads files and makes 30 caches */
	STEPS_EACH_MAX = 100000,        /* grow a slab of 60 objects, and look at the other caches */
};

/* The child says where it is; the parent counts the steps between. */
static struct progress {
	_Atomic unsigned stage;
	_Atomic unsigned aborts;
	_Atomic bool all_counted;
} *progress;

enum { STAGE_FIRST = 1, STAGE_PAIRS = 2 };

/* Emulated, a step takes a millisecond. */
static bool shortly(void)
{
	return race_factor() < 1;
}

static unsigned share(unsigned all)
{
	return shortly() ? all / 5 : all;
}

static struct kmem_cache *cache;

/* As the drop-in does (preload/start.c). */
int boot_heap(void)
{
	return heap_init();
}

static void pair_of_cache(void)
{
	kmem_cache_free(cache, kmem_cache_alloc(cache, GFP_KERNEL));
}

static void pair_of_kmalloc(void)
{
	kfree(kmalloc(64, GFP_KERNEL));
}

static void pair_of_malloc(void)
{
	heap_free(heap_alloc(64));
}

/* After the first, which may be special. */
static uint64_t aborts_of(void (*pair)(void))
{
	struct ukmem_stats before, after;

	pair();
	progress->stage++;
	ukmem_stats_read(&before);
	for (unsigned i = 0; i < PAIRS_COUNTED; i++, progress->stage++)
		pair();
	ukmem_stats_read(&after);
	return after.sequences_aborted - before.sequences_aborted;
}

static void count_aborts(void)
{
	uint64_t expected = aborts_of(pair_of_cache);

	if (expected != 0)              /* there are sequences */
		expected += 2 * PAIRS_COUNTED;
	progress->all_counted = aborts_of(pair_of_kmalloc) == expected &&
	    aborts_of(pair_of_malloc) == expected;
}

static NEVER_INLINE void live_as_child(void)
{
	unsigned pairs = share(PAIRS), objects = share(OBJECTS);
	static struct stamp *held[OBJECTS];
	struct ukmem_stats stats;

	if (shortly())
		kmem_cache_tune(stamped_cache("step", 64), 20, 10, 0);
	ptrace(PTRACE_TRACEME, 0, NULL, NULL);
	raise(SIGSTOP);
	progress->stage = STAGE_FIRST;
	cache = stamped_cache("step", 64);
	progress->stage = STAGE_PAIRS;
	for (unsigned i = 0; i < pairs; i++, progress->stage++) {
		struct stamp *stamp = kmem_cache_alloc(cache, GFP_KERNEL);

		stamp_take(stamp, 1);
		stamp_drop(stamp, 1);
		kmem_cache_free(cache, stamp);
	}
	for (unsigned i = 0; i < objects; i++, progress->stage++) {
		held[i] = kmem_cache_alloc(cache, GFP_KERNEL);
		stamp_take(held[i], 1);
	}
	for (unsigned i = 0; i < objects; i++, progress->stage++) {
		stamp_drop(held[i], 1);
		kmem_cache_free(cache, held[i]);
	}
	count_aborts();
	progress->stage++;
	ukmem_stats_read(&stats);
	progress->aborts = (unsigned)stats.sequences_aborted;
	_exit(kmem_cache_shrink(cache));
}

/* Returns the wait status that ended the stepping. */
static int step_through(pid_t child, unsigned long *steps, unsigned long *first,
			unsigned long *most)
{
	unsigned long since = 0;
	unsigned stage = 0;
	int status;

	waitpid(child, &status, 0);
	while (WIFSTOPPED(status)) {
		if (ptrace(PTRACE_SINGLESTEP, child, NULL, NULL) != 0)
			break;
		waitpid(child, &status, 0);
		++*steps;
		since++;
		if (progress->stage != stage) {
			if (stage == STAGE_FIRST)
				*first = since;
			else if (stage > STAGE_FIRST && since > *most)
				*most = since;
			stage = progress->stage;
			since = 0;
		}
		if (since > 2ul * STEPS_FIRST_MAX)
			break;
	}
	return status;
}

static void run(const char *options)
{
	unsigned long steps = 0, first = 0, most = 0;
	double start = now_s();
	int status;
	pid_t child;

	memset(progress, 0, sizeof(*progress));
	setenv("UKMEM_OPTIONS", options, 1);
	child = fork();
	if (child == 0)
		live_as_child();
	status = step_through(child, &steps, &first, &most);
	kill(child, SIGKILL);
	verdict(WIFEXITED(status) && WEXITSTATUS(status) == 0 &&
		first <= STEPS_FIRST_MAX && most <= STEPS_EACH_MAX,
		"a single-stepped child finishes",
		"%s, %u pairs and %u objects in and out, %lu steps (first use %lu, worst call "
		"%lu), %u aborts, %.1f s", options, share(PAIRS), share(OBJECTS), steps, first, most,
		progress->aborts, now_s() - start);
	verdict(progress->all_counted, "each aborted hit is counted", "%s", options);
}

int main(void)
{
	progress = mmap(NULL, 4096, PROT_READ | PROT_WRITE, MAP_SHARED | MAP_ANONYMOUS, -1, 0);
	run("reaper:off reap_ms:1000000 backend:auto");    /* a slow round would be due at each miss */
	if (race_factor() > 1)
		run("reaper:off reap_ms:1000000 backend:locked");
	return race_failures != 0;
}

/*
 * vfork_child.c: allocation in children that share our memory.
 *
 * A child of vfork or clone(CLONE_VM) runs on its creator's thread-local memory, in
 * which the kernel no longer keeps a CPU number for it: a sequence there could edit
 * another CPU's array. Between kmem_vfork_guard(true) and (false) the creator and its
 * children go past the arrays. A million operations in such children, beside threads of
 * the parent that hammer the same cache: nothing is lost or doubled, the parent's
 * helper thread still works, and afterwards the creator is back on its arrays.
 */
#include "race.h"

enum {
	OPERATIONS_PER_CHILD = 1000,
	HAMMERS = 3,
	STACK_BYTES = 256 << 10,
	PARENT = 1, CHILD = 2, CREATOR = 3, HAMMER = 10,
};

static struct kmem_cache *cache;
static _Atomic bool over;
static _Atomic uint64_t hammered;

/* Bursts, so that slabs are taken from, given to, and grown as well. */
static NEVER_INLINE void use_cache(uint32_t owner, unsigned operations, uint64_t *random)
{
	struct stamp *held[64];

	while (operations > 0) {
		unsigned burst = 1 + next_random(random) % 64;

		for (unsigned i = 0; i < burst; i++) {
			held[i] = kmem_cache_alloc(cache, GFP_KERNEL);
			if (held[i] == NULL)
				broken("allocation refused");
			stamp_take(held[i], owner);
		}
		for (unsigned i = 0; i < burst; i++) {
			stamp_drop(held[i], owner);
			kmem_cache_free(cache, held[i]);
		}
		operations -= operations < 2 * burst ? operations : 2 * burst;
	}
}

static void *hammer(void *argument)
{
	uint32_t number = HAMMER + (uint32_t)(uintptr_t)argument;
	uint64_t random = seed_for(1, number);

	while (!over) {
		pin(0, next_random(&random));
		use_cache(number, 2000, &random);
		hammered += 2000;
	}
	return NULL;
}

static uint64_t child_random = 12345;

static NEVER_INLINE int child_body(void *unused)
{
	(void)unused;
	pin(0, next_random(&child_random));
	use_cache(CHILD, OPERATIONS_PER_CHILD, &child_random);
	return 0;
}

static void expect_clean_end(pid_t child)
{
	int status;

	if (child < 0 || waitpid(child, &status, __WALL) != child || status != 0)
		broken("child %ld ended badly", (long)child);
}

/* Nothing of ours may be changed by the child between vfork and _exit but the cache. */
static NEVER_INLINE void vfork_once(void)
{
	pid_t child;

	kmem_vfork_guard(true);
	child = vfork();
	if (child == 0) {
		child_body(NULL);
		_exit(0);
	}
	expect_clean_end(child);
	kmem_vfork_guard(false);
}

/* Child and creator run at the same time, on the same thread-local memory. */
static void clone_once(char *stack)
{
	uint64_t random = seed_for(2, 2);
	pid_t child;

	kmem_vfork_guard(true);
	child = clone(child_body, stack + STACK_BYTES, CLONE_VM | SIGCHLD, NULL);
	use_cache(CREATOR, OPERATIONS_PER_CHILD, &random);
	expect_clean_end(child);
	kmem_vfork_guard(false);
}

static bool back_on_arrays(void)
{
	struct ukmem_stats before, after;
	uint64_t random = 7;

	ukmem_stats_read(&before);
	for (unsigned i = 0; i < 10000; i++)
		kmem_cache_free(cache, kmem_cache_alloc(cache, GFP_KERNEL));
	ukmem_stats_read(&after);
	use_cache(PARENT, 100, &random);
	return after.alloc_refills - before.alloc_refills < 100;
}

static bool helper_still_works(void)
{
	struct ukmem_stats before, after;

	ukmem_stats_read(&before);
	for (int i = 0; i < 500; i++) {
		void *burst[200];

		kmem_cache_alloc_bulk(cache, GFP_KERNEL, 200, burst);
		kmem_cache_free_bulk(cache, 200, burst);
		sleep_us(10000);
		ukmem_stats_read(&after);
		if (after.reap_rounds > before.reap_rounds)
			return true;
	}
	return false;
}

static void run(unsigned children)
{
	pthread_t threads[HAMMERS];
	char *stack = malloc(STACK_BYTES);
	struct ukmem_stats stats;
	double start = now_s();
	struct line line;

	cache = stamped_cache("vfork", 64);
	vfork_once();                   /* the library's very first miss is a child's */
	for (uintptr_t i = 0; i < HAMMERS; i++)
		pthread_create(&threads[i], NULL, hammer, (void *)i);
	for (unsigned i = 0; i < children; i++) {
		uint64_t random = seed_for(3, i);

		if (i % 2 == 0)
			vfork_once();
		else
			clone_once(stack);
		use_cache(CREATOR, 200, &random);
	}
	over = true;
	for (unsigned i = 0; i < HAMMERS; i++)
		pthread_join(threads[i], NULL);
	ukmem_stats_read(&stats);
	verdict(nothing_lost(cache, &line), "children that share memory lose nothing",
		"%u children, %.3g operations in them, %.3g beside, %.1f s (%s)", children,
		(double)children * OPERATIONS_PER_CHILD, (double)hammered, now_s() - start,
		stats.backend_is_rseq ? "rseq" : "locked");
	verdict(back_on_arrays(), "after the guard the thread is back on its arrays", NULL);
	verdict(helper_still_works(), "after such children the reaper still runs", NULL);
	free(stack);
}

int main(int argc, char **argv)
{
	find_cpus();
	if (argc == 1)
		return run_each_way(argv[0], 10);
	run((unsigned)(1000 * race_factor()));
	return race_failures != 0;
}

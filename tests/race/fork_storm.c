/*
 * fork_storm.c: fork in the middle of everything.
 *
 * Four threads hammer two caches, tune and shrink them, and make others, while one
 * thread forks 200 times. Each child finds every lock free and every list whole: it
 * allocates, frees, shrinks, makes and destroys caches, starts threads, has a reaper of
 * its own, and every tenth has a child that does the same. The parent loses nothing.
 * And: a process may fork while another thread makes the library's very first call.
 */
#include "race.h"

enum { HAMMERS = 4, ROUNDS = 200, BURST = 150, IN_CHILD = 1 << 16 };

static struct kmem_cache *caches[2];
static _Atomic bool over;
static _Atomic uint64_t operations;

static void use_cache(struct kmem_cache *cache, uint32_t owner, unsigned count)
{
	struct stamp *held[BURST];

	for (unsigned i = 0; i < count; i++) {
		held[i] = kmem_cache_alloc(cache, GFP_KERNEL);
		if (held[i] == NULL)
			broken("allocation refused");
		stamp_take(held[i], owner);
	}
	for (unsigned i = 0; i < count; i++) {
		stamp_drop(held[i], owner);
		kmem_cache_free(cache, held[i]);
	}
}

static void use_others(uint64_t *random)
{
	struct kmem_cache *other = stamped_cache("fork-other", 300 + next_random(random) % 2000);
	char *block = kmalloc(1 + next_random(random) % 20000, GFP_KERNEL);

	use_cache(other, 7, 20);
	kfree(block);
	kmem_cache_destroy(other);
}

static void *hammer(void *argument)
{
	uint32_t number = 1 + (uint32_t)(uintptr_t)argument;
	uint64_t random = seed_for(1, number);

	for (unsigned i = 0; !over; i++) {
		struct kmem_cache *cache = caches[next_random(&random) & 1];
		unsigned count = 1 + next_random(&random) % BURST;
		int limit = 1 + (int)(next_random(&random) % 150);

		use_cache(cache, number, count);
		operations += 2 * count;
		if (i % 64 == number)
			kmem_cache_tune(cache, limit, (limit + 1) / 2, 4);
		if (i % 64 == 16 + number)
			kmem_cache_shrink(cache);
		if (i % 64 == 32 + number)
			use_others(&random);
	}
	return NULL;
}

static void *child_thread(void *argument)
{
	use_cache(caches[0], IN_CHILD + 1 + (uint32_t)(uintptr_t)argument, BURST);
	return NULL;
}

/* The parent's helper thread does not exist here; a miss starts another. */
static bool has_reaper(void)
{
	struct ukmem_stats before, after;

	ukmem_stats_read(&before);
	for (int i = 0; i < 3000; i++) {
		use_cache(caches[1], IN_CHILD + 20, BURST);
		sleep_us(1000);
		ukmem_stats_read(&after);
		if (after.reap_rounds >= before.reap_rounds + 2)
			return true;
	}
	return false;
}

static bool fork_and_wait(unsigned round, unsigned generation);

static void live_as_child(unsigned round, unsigned generation)
{
	uint64_t random = seed_for(2, round);
	pthread_t threads[2];

	alarm(30);
	for (int i = 0; i < 10; i++)
		use_cache(caches[i & 1], IN_CHILD, BURST);
	for (uintptr_t i = 0; i < 2; i++)
		pthread_create(&threads[i], NULL, child_thread, (void *)i);
	use_others(&random);
	if (kmem_cache_shrink(caches[0]) < 0 || kmem_cache_tune(caches[1], 50, 25, 2) != 0)
		broken("shrink or tune failed in a child");
	for (int i = 0; i < 2; i++)
		pthread_join(threads[i], NULL);
	if (round % 20 == 0 && !has_reaper())
		broken("no reaper in a child");
	if (round % 10 == 0 && generation < 3 && !fork_and_wait(round, generation + 1))
		_exit(1);
	_exit(0);
}

static bool fork_and_wait(unsigned round, unsigned generation)
{
	int status = -1;
	pid_t child = fork();

	if (child == 0)
		live_as_child(round, generation);
	return child > 0 && waitpid(child, &status, 0) == child && status == 0;
}

static int run(void)
{
	unsigned rounds = (unsigned)(ROUNDS * race_factor()), good = 0;
	pthread_t threads[HAMMERS];
	double start = now_s();
	struct line line[2];
	bool clean;

	caches[0] = stamped_cache("fork-64", 64);
	caches[1] = stamped_cache("fork-500", 500);
	for (uintptr_t i = 0; i < HAMMERS; i++)
		pthread_create(&threads[i], NULL, hammer, (void *)i);
	for (unsigned round = 0; round < rounds; round++) {
		if (!fork_and_wait(round, 1))
			break;
		good++;
	}
	over = true;
	for (unsigned i = 0; i < HAMMERS; i++)
		pthread_join(threads[i], NULL);
	clean = nothing_lost(caches[0], &line[0]) & nothing_lost(caches[1], &line[1]);
	verdict(good == rounds && clean, "children of a fork in the middle of everything live",
		"%s, %u of %u forks, %.3g operations beside, %.1f s", getenv("UKMEM_OPTIONS"),
		good, rounds, (double)operations, now_s() - start);
	return race_failures != 0;
}

/* ---- The first call -------------------------------------------------------------------- */

static void *first_call(void *unused)
{
	kfree(kmalloc(100, GFP_KERNEL));
	return unused;
}

/* In a process where nothing was allocated yet. */
static void fork_beside_first_call(unsigned round)
{
	pthread_t thread;
	int status = -1;
	pid_t child;

	alarm(30);
	pthread_create(&thread, NULL, first_call, NULL);
	for (volatile unsigned i = 0; i < round * 500 % 100000; i++)
		;
	child = fork();
	if (child == 0) {
		alarm(30);
		kfree(kmalloc(200, GFP_KERNEL));
		_exit(0);
	}
	waitpid(child, &status, 0);
	pthread_join(thread, NULL);
	kfree(kmalloc(300, GFP_KERNEL));
	_exit(status == 0 ? 0 : 1);
}

static bool first_calls(void)
{
	unsigned good = 0, rounds = (unsigned)(300 * race_factor());
	double start = now_s();

	for (unsigned round = 0; round < rounds; round++) {
		int status = -1;
		pid_t child = fork();

		if (child == 0)
			fork_beside_first_call(round);
		waitpid(child, &status, 0);
		if (status != 0)
			break;
		good++;
	}
	verdict(good == rounds, "a process may fork beside its first allocation",
		"%u of %u, %.1f s", good, rounds, now_s() - start);
	return good == rounds;
}

int main(int argc, char **argv)
{
	bool failed;

	find_cpus();
	if (argc > 1)
		return run();
	failed = !first_calls();
	return run_each_way(argv[0], 10) || failed;
}

/*
 * adoption.c: a signal handler may make its thread known, or have it guarded, between any two
 * instructions of a call that it interrupted.
 *
 * A hit reads where to arm and which slot is this CPU's one after the other. A handler that
 * comes in between and allocates makes a stranger known: the hit must not go on with the new
 * slot and the old place to arm, since nothing would restart it then.
 *
 * So each call is stepped, by the trap flag, and at its first, second, third ... instruction
 * the handler does its part. Under single steps no sequence commits: whatever the call did to
 * the array was done by one that was not restartable.
 */
#include "step.h"

#include "cache/cache.h"

enum { STEPS = 80 };                    /* beyond the hits; the road behind them knows the thread */

static struct kmem_cache *cache, *by_size, *other;
static void *to_free, *to_kfree;
static void (*in_handler)(void);

static void become_known(void)
{
	kmem_cache_free(other, kmem_cache_alloc(other, GFP_ATOMIC));
}

static void become_guarded(void)
{
	kmem_vfork_guard(true);
	kmem_vfork_guard(false);
}

static void alloc_one(void)
{
	kmem_cache_alloc(cache, GFP_KERNEL);
}

static void free_one(void)
{
	kmem_cache_free(cache, to_free);
}

static void kmalloc_one(void)
{
	kmalloc(64, GFP_KERNEL);
}

static void kfree_one(void)
{
	kfree(to_kfree);
}

static unsigned avail(const struct kmem_cache *of)
{
	return of->cpu.slot[race_cpus[0]]->avail;
}

struct trial {
	void (*call)(void);
	bool is_known;
	unsigned step;
	bool was_stepped;
};

/* Both caches' arrays are neither empty nor full, so an unprotected hit would be one. */
static void *try_at(void *argument)
{
	struct trial *trial = argument;
	unsigned before;

	pin(0, 0);
	if (trial->is_known)
		become_known();
	before = avail(cache) + avail(by_size);
	trial->was_stepped = step_through(trial->call, trial->step, in_handler);
	if (avail(cache) + avail(by_size) != before)
		broken("at instruction %u of a call its sequence was not restartable", trial->step);
	return NULL;
}

static void *make_ready(void *unused)
{
	enum { SOME = 20 };
	void *objects[SOME], *blocks[SOME];

	pin(0, 0);
	for (unsigned i = 0; i < SOME; i++) {
		objects[i] = kmem_cache_alloc(cache, GFP_KERNEL);
		blocks[i] = kmalloc(64, GFP_KERNEL);
	}
	by_size = cache_of_layout(virt_to_head_page(blocks[0])->layout);
	for (unsigned i = 1; i < SOME; i++) {
		kmem_cache_free(cache, objects[i]);
		kfree(blocks[i]);
	}
	to_free = objects[0];
	to_kfree = blocks[0];
	become_known();
	return unused;
}

static void in_thread(void *(*body)(void *), void *argument)
{
	pthread_t thread;

	pthread_create(&thread, NULL, body, argument);
	pthread_join(thread, NULL);
}

static void try_everywhere(bool is_known, void (*act)(void), const char *sentence)
{
	void (*const calls[])(void) = { alloc_one, free_one, kmalloc_one, kfree_one };
	unsigned trials = 0;

	in_handler = act;
	steps_go_on = true;             /* so that nothing restartable commits */
	for (unsigned call = 0; call < 4; call++)
		for (unsigned step = 1; step <= STEPS; step++) {
			struct trial trial = { calls[call], is_known, step, false };

			in_thread(make_ready, NULL);
			in_thread(try_at, &trial);
			trials += trial.was_stepped;
		}
	verdict(trials == 4 * STEPS, sentence, "%u instructions of calls", trials);
}

int main(void)
{
	find_cpus();
	setenv("UKMEM_OPTIONS", "reaper:off reap_ms:1000000 index:cpu", 1);
	cache = stamped_cache("adopted", 64);
	other = stamped_cache("other", 64);
	become_known();
	if (!STEP_CAN || !backend_is_rseq()) {
		printf("skipped a handler makes its thread known: no trap flag or no sequences here\n");
		return 0;
	}
	try_everywhere(false, become_known, "a handler makes its thread known, wherever it comes");
	try_everywhere(true, become_guarded, "a handler guards its thread for a while, wherever it comes");
	return race_failures != 0;
}

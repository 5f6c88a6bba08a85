/*
 * rcu.c: libukmem-rcu, what waits for userspace RCU's grace periods.
 *
 * Objects to be freed are noted in blocks, a list of blocks for each CPU. The collector, a
 * thread that starts with the first of them, takes all blocks and all slabs that wait,
 * waits for one grace period, and frees: thousands for the price of one. It never touches
 * an object before that, since readers may.
 *
 *   R1  what was noted, or pushed, before a round's beginning is freed by its end.
 *   R2  a barrier asks for a round that begins after it: ticket, then completed >= ticket.
 */
#include <ukmem/rcu.h>

#include <errno.h>
#include <limits.h>
#include <linux/futex.h>
#include <pthread.h>
#include <sched.h>
#include <signal.h>
#include <stdatomic.h>
#include <stdint.h>
#include <sys/syscall.h>
#include <time.h>
#include <unistd.h>
#include <urcu.h>

#define EXPORT __attribute__((visibility("default")))

enum {
	QUEUES = 64,            /* by CPU number, modulo */
	BLOCK_ENTRIES = 254,    /* with its head a block is 4096 bytes less a line */
	GATHER_MS = 5,          /* chosen: how long a round waits for company */
};

struct entry {
	const void *object;
	struct kmem_cache *cache;       /* NULL: kvfree */
};

struct block {
	struct block *next;
	unsigned count;
	struct entry entries[BLOCK_ENTRIES];
};

static struct queue {
	_Alignas(64) pthread_mutex_t lock;
	struct block *blocks;
} queues[QUEUES];

/* Objects for which there was no room: noted in themselves. */
struct head {
	struct head *next;
	const void *object;
};

static struct head *_Atomic heads;
static void (*synchronize)(void) = synchronize_rcu;
static _Atomic bool running;
static _Atomic uint32_t work;           /* changes when there is some; the collector sleeps on it */
static _Atomic uint32_t tickets, completed;
static pthread_mutex_t start_lock = PTHREAD_MUTEX_INITIALIZER;

EXPORT void kmem_rcu_set_synchronize(void (*function)(void))
{
	synchronize = function;
}

static void futex(_Atomic uint32_t *word, int operation, uint32_t value,
		  const struct timespec *time)
{
	int kept_errno = errno;

	syscall(SYS_futex, word, operation | FUTEX_PRIVATE_FLAG, value, time, NULL, 0);
	errno = kept_errno;
}

/* Called under the core's locks as well: it only signals. */
static void wake(void)
{
	atomic_fetch_add(&work, 1);
	futex(&work, FUTEX_WAKE, INT_MAX, NULL);
}

/* ---- The collector ----------------------------------------------------------------------- */

static struct block *take_blocks(void)
{
	struct block *all = NULL, *block, *next;

	for (int i = 0; i < QUEUES; i++) {
		pthread_mutex_lock(&queues[i].lock);
		block = queues[i].blocks;
		queues[i].blocks = NULL;
		pthread_mutex_unlock(&queues[i].lock);
		for (; block != NULL; block = next) {
			next = block->next;
			block->next = all;
			all = block;
		}
	}
	return all;
}

static void free_blocks(struct block *block)
{
	struct block *next;

	for (; block != NULL; block = next) {
		next = block->next;
		for (unsigned i = 0; i < block->count; i++) {
			struct entry *entry = &block->entries[i];

			if (entry->cache != NULL)
				kmem_cache_free(entry->cache, (void *)entry->object);
			else
				kvfree(entry->object);
		}
		kfree(block);
	}
}

static void free_heads(struct head *head)
{
	struct head *next;

	for (; head != NULL; head = next) {
		next = head->next;
		kvfree(head->object);
	}
}

static void collect(void)
{
	uint32_t ticket = atomic_load(&tickets);
	struct block *blocks = take_blocks();
	struct head *noted = atomic_exchange(&heads, NULL);
	void *slabs = ukmem_rcu_take();

	if (blocks != NULL || noted != NULL || slabs != NULL)
		synchronize();
	free_blocks(blocks);
	free_heads(noted);
	ukmem_rcu_release(slabs);
	atomic_store(&completed, ticket);
	futex(&completed, FUTEX_WAKE, INT_MAX, NULL);
}

static bool somebody_waits(void)
{
	return atomic_load(&tickets) != atomic_load(&completed);
}

static void *collector(void *unused)
{
	struct timespec gather = { .tv_nsec = GATHER_MS * 1000000l };

	for (;;) {
		uint32_t seen = atomic_load(&work);

		if (!somebody_waits())
			nanosleep(&gather, NULL);
		collect();
		futex(&work, FUTEX_WAIT, seen, NULL);
	}
	return unused;
}

/* Nobody's thread: detached, all signals blocked. False when the system refuses it. */
static bool start(void)
{
	pthread_attr_t attributes;
	sigset_t all, before;
	pthread_t thread;
	bool started;

	pthread_mutex_lock(&start_lock);
	if (!running) {
		pthread_attr_init(&attributes);
		pthread_attr_setdetachstate(&attributes, PTHREAD_CREATE_DETACHED);
		sigfillset(&all);
		pthread_sigmask(SIG_SETMASK, &all, &before);
		running = pthread_create(&thread, &attributes, collector, NULL) == 0;
		pthread_sigmask(SIG_SETMASK, &before, NULL);
		pthread_attr_destroy(&attributes);
	}
	started = running;
	pthread_mutex_unlock(&start_lock);
	return started;
}

/* The library has its thread from now on; without one what is noted waits for a barrier. */
static void ensure_collected(void)
{
	if (!running)
		start();
}

/* ---- Noting ---------------------------------------------------------------------------------- */

/* In the CPU's newest block, if it has room, or in @fresh, which is then used up. */
static bool note_in(struct queue *queue, struct entry entry, struct block **fresh, bool *first)
{
	struct block *block;

	pthread_mutex_lock(&queue->lock);
	block = queue->blocks;
	if ((block == NULL || block->count == BLOCK_ENTRIES) && *fresh != NULL) {
		block = *fresh;
		*fresh = NULL;
		block->next = queue->blocks;
		block->count = 0;
		queue->blocks = block;
	}
	if (block != NULL && block->count == BLOCK_ENTRIES)
		block = NULL;
	if (block != NULL) {
		*first = block->count == 0;
		block->entries[block->count++] = entry;
	}
	pthread_mutex_unlock(&queue->lock);
	return block != NULL;
}

static bool note(struct entry entry, gfp_t gfp)
{
	int cpu = sched_getcpu();
	struct queue *queue = &queues[(cpu < 0 ? 0 : cpu) % QUEUES];
	struct block *fresh = NULL;
	bool first = false, noted = note_in(queue, entry, &fresh, &first);

	if (!noted) {
		fresh = kmalloc(sizeof(*fresh), gfp | __GFP_NOWARN);
		noted = fresh != NULL && note_in(queue, entry, &fresh, &first);
		kfree(fresh);           /* somebody else's was there meanwhile */
	}
	if (first)
		wake();
	return noted;
}

static void note_in_itself(struct head *head, const void *object)
{
	head->object = object;
	head->next = atomic_load(&heads);
	while (!atomic_compare_exchange_weak(&heads, &head->next, head))
		;
	wake();
}

static void free_after_waiting(struct entry entry)
{
	synchronize();
	if (entry.cache != NULL)
		kmem_cache_free(entry.cache, (void *)entry.object);
	else
		kvfree(entry.object);
}

static void free_later(struct entry entry, struct head *head)
{
	int kept_errno = errno;

	if (note(entry, head != NULL ? GFP_NOWAIT : GFP_KERNEL)) {
		ensure_collected();
	} else if (head != NULL) {
		note_in_itself(head, entry.object);
		ensure_collected();
	} else {
		free_after_waiting(entry);
	}
	errno = kept_errno;
}

EXPORT void kvfree_call_rcu(void *head, const void *object)
{
	if (!ZERO_OR_NULL_PTR(object))
		free_later((struct entry){ object, NULL }, head);
}

EXPORT void kmem_cache_free_rcu(struct kmem_cache *cache, void *object)
{
	if (object != NULL)
		free_later((struct entry){ object, cache }, NULL);
}

EXPORT void kvfree_rcu_barrier(void)
{
	struct timespec patience = { .tv_nsec = 100000000 };
	int kept_errno = errno;
	uint32_t ticket, done;

	if (!start()) {
		collect();
		return;
	}
	ticket = atomic_fetch_add(&tickets, 1) + 1;
	wake();
	while ((int32_t)((done = atomic_load(&completed)) - ticket) < 0)
		futex(&completed, FUTEX_WAIT, done, &patience);
	errno = kept_errno;
}

/* ---- Beginning, and fork ---------------------------------------------------------------------- */

/* A cache goes. Most programs never gave us anything. */
static void barrier(void)
{
	if (atomic_load(&work) != 0)
		kvfree_rcu_barrier();
}

static void before_fork(void)
{
	pthread_mutex_lock(&start_lock);
	for (int i = 0; i < QUEUES; i++)
		pthread_mutex_lock(&queues[i].lock);
}

static void in_parent(void)
{
	for (int i = QUEUES; i-- > 0;)
		pthread_mutex_unlock(&queues[i].lock);
	pthread_mutex_unlock(&start_lock);
}

static void in_child(void)
{
	running = false;
	atomic_store(&completed, atomic_load(&tickets));
	in_parent();
}

__attribute__((constructor)) static void attach(void)
{
	for (int i = 0; i < QUEUES; i++)
		pthread_mutex_init(&queues[i].lock, NULL);
	pthread_atfork(before_fork, in_parent, in_child);
	ukmem_rcu_attach(ensure_collected, wake, barrier);
}

/*
 * rcu.c: the core's half of SLAB_TYPESAFE_BY_RCU.
 *
 * A slab whose objects lock-free readers may still look at is released by whoever waits
 * for grace periods: libukmem-rcu, which attaches itself here. Slabs wait on a stack
 * through their own list nodes; one side pushes one, the other takes all.
 */
#include <ukmem/rcu.h>

#include "cache/cache.h"

static struct page *_Atomic waiting;
static void (*wake_library)(void);

static struct page *next_of(struct page *slab)
{
	return (struct page *)(void *)slab->list.next;
}

static void wait_for_readers(struct page *slab)
{
	struct page *next = atomic_load_explicit(&waiting, memory_order_relaxed);

	do {
		slab->list.next = (struct list *)(void *)next;
	} while (!atomic_compare_exchange_weak_explicit(&waiting, &next, slab,
			memory_order_release, memory_order_relaxed));
	wake_library();
}

PUBLIC void ukmem_rcu_attach(void (*start)(void), void (*wake)(void), void (*barrier)(void))
{
	wake_library = wake;
	rcu_start_hook = start;
	rcu_barrier_hook = barrier;
	slab_rcu_hook = wait_for_readers;
}

PUBLIC void *ukmem_rcu_take(void)
{
	return atomic_exchange_explicit(&waiting, NULL, memory_order_acquire);
}

PUBLIC void ukmem_rcu_release(void *slabs)
{
	struct page *slab = slabs, *next;

	for (; slab != NULL; slab = next) {
		next = next_of(slab);
		list_init(&slab->list);
		slab_release_now(slab);
	}
}

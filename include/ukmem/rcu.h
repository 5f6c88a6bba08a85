/*
 * rcu.h: objects that lock-free readers may still hold, freed after a grace period.
 *
 * Link with -lukmem-rcu (and -lurcu: userspace RCU's default flavour; another one with
 * kmem_rcu_set_synchronize). Loading the library also makes SLAB_TYPESAFE_BY_RCU mean
 * what it says: the pages of such a cache's slabs go back, to whatever use, only after a
 * grace period. Without the library they go at once.
 *
 * What is to be freed is collected per CPU; a thread of the library's waits for a grace
 * period for many at a time.
 *
 * Threads  any. Signals: none of these. fork: the child's own thread starts when the
 *          child first needs it; that synchronize_rcu works in the child is liburcu's part.
 */
#ifndef UKMEM_RCU_H
#define UKMEM_RCU_H

#include <ukmem/slab.h>

#ifdef __cplusplus
extern "C" {
#endif

/*
 * kvfree_call_rcu - kvfree(@object) after a grace period. NULL does nothing.
 *
 * @head  16 bytes of the object that readers don't look at (a struct rcu_head), where it
 *        is noted when there is no memory to do so elsewhere; then the call never waits.
 *        NULL: it may wait for memory and even for the grace period itself, so it stands
 *        in no read-side critical section.
 */
void kvfree_call_rcu(void *head, const void *object);

/* @object is evaluated once. */
#define UKMEM_KVFREE_RCU(object, rcu_head)                                      \
	do {                                                                    \
		__typeof__(object) ukmem_object = (object);                     \
		if (ukmem_object != NULL)                                       \
			kvfree_call_rcu((void *)&ukmem_object->rcu_head, ukmem_object); \
	} while (0)
#define kvfree_rcu(object, rcu_head)  UKMEM_KVFREE_RCU(object, rcu_head)
#define kfree_rcu(object, rcu_head)   UKMEM_KVFREE_RCU(object, rcu_head)
#define kfree_rcu_mightsleep(object)  kvfree_call_rcu(NULL, (object))
#define kvfree_rcu_mightsleep(object) kvfree_call_rcu(NULL, (object))

/* kmem_cache_free_rcu - the same for an object of @cache, without a head: it may wait. */
void kmem_cache_free_rcu(struct kmem_cache *cache, void *object);

/*
 * kvfree_rcu_barrier - return when all that was given to the calls above before is freed
 * and all slabs that waited are given back. kmem_cache_destroy does it by itself. Not
 * within a read-side critical section.
 */
void kvfree_rcu_barrier(void);

/*
 * kmem_rcu_set_synchronize - what waits for a grace period: synchronize_rcu of the
 * flavour that the program's readers use. Before the first of these calls.
 */
void kmem_rcu_set_synchronize(void (*synchronize)(void));

/* ---- Between libukmem-rcu and the core; not for programs ------------------------------ */

/*
 * Attach: @start is called when a cache is made whose slabs will wait, @wake when a slab
 * begins to (under any lock, so it may only signal), @barrier before a cache goes.
 */
void ukmem_rcu_attach(void (*start)(void), void (*wake)(void), void (*barrier)(void));

/* Take all that wait; let their pages go. */
void *ukmem_rcu_take(void);
void ukmem_rcu_release(void *slabs);

#ifdef __cplusplus
}
#endif
#endif

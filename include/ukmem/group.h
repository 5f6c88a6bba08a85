/*
 * group.h: accounting groups: limits for the memory that parts of a program use.
 *
 * A group has a name, a limit in bytes and perhaps a parent. What a thread allocates
 * while it is inside a group is charged to it and to all groups above, if it is an object
 * of a cache made with SLAB_ACCOUNT or allocated with __GFP_ACCOUNT; whoever frees the
 * object, it is uncharged then.
 *
 *     struct kmem_group *mail = kmem_group_create("mail", NULL, 64 << 20);
 *     struct kmem_group *before = kmem_group_enter(mail);
 *     message = kmalloc(size, GFP_KERNEL_ACCOUNT);
 *     kmem_group_leave(before);
 *
 * An object counts with what it takes in its slab (objsize of slabinfo). A charge that
 * has no room calls the shrinkers (<ukmem/shrinker.h>), then the full group's callback,
 * and then the allocation returns NULL with errno ENOMEM. A thread outside all groups is
 * not charged. Memory that is not in slabs (kvmalloc above 4 MiB, pages, vmalloc, the
 * malloc of libukmem-malloc) is not charged.
 *
 * The first group makes caches with SLAB_ACCOUNT take each call the slow road; before,
 * and for all other caches ever, accounting costs nothing. docs/accounting.md has more.
 */
#ifndef UKMEM_GROUP_H
#define UKMEM_GROUP_H

#include <ukmem/slab.h>

#ifdef __cplusplus
extern "C" {
#endif

struct kmem_group;

#define KMEM_GROUP_UNLIMITED ((size_t)-1)

/*
 * kmem_group_create - a group below @parent (NULL: at the top).
 *
 * @name   is copied, 127 bytes at most; names need not be unique.
 * @limit  bytes, of it and all below it; KMEM_GROUP_UNLIMITED.
 * Returns NULL with errno EINVAL (no name), ENOMEM, ENOSPC (16,383 groups live or have
 *         objects), or EPERM (the system refuses the fence that empties arrays).
 * Cost    the first one: 20 caches (kmalloc-cg-*), and a membarrier for each cache with
 *         SLAB_ACCOUNT. The others: a search for a free number.
 */
struct kmem_group *kmem_group_create(const char *name, struct kmem_group *parent,
		size_t limit);

/*
 * kmem_group_destroy - the name and the limit go; what is charged to the group is its
 * parent's from now on. Groups below it, and threads inside, are the parent's too. NULL
 * does nothing.
 *
 * Cost    a look at each CPU's stock, however much is charged.
 * Threads nobody may pass it to another function any more, but to kmem_group_leave.
 */
void kmem_group_destroy(struct kmem_group *group);

/*
 * kmem_group_enter - this thread's accounted allocations are charged to @group from now
 * on; NULL: to none.
 *
 * Returns what kmem_group_leave wants, the group until now: calls nest.
 * Signals safe, when the handler leaves before it returns.
 */
struct kmem_group *kmem_group_enter(struct kmem_group *group);

/* kmem_group_leave - back to @before, from the kmem_group_enter that it ends. */
void kmem_group_leave(struct kmem_group *before);

/* The group of this thread, or the nearest above that is not destroyed; NULL: none. */
struct kmem_group *kmem_group_current(void);

/*
 * kmem_cache_charge - charge an object to this thread's group after it was allocated, as
 * in Linux 6.12: one of a cache with SLAB_ACCOUNT, or of kmalloc with __GFP_ACCOUNT, that
 * was had outside of all groups, say.
 *
 * Returns false when the group has no room, or the charge can't be noted. True, with
 *         nothing done, for an object that is charged already or whose cache does not
 *         account, and outside of all groups.
 */
bool kmem_cache_charge(void *object, gfp_t gfp);

/* kmem_group_set_limit - what is charged above a lowered limit stays. */
void kmem_group_set_limit(struct kmem_group *group, size_t limit);

enum kmem_group_verdict {
	KMEM_GROUP_REFUSE,      /* the allocation fails */
	KMEM_GROUP_RETRY,       /* room was made, or will be: try again, then ask again */
	KMEM_GROUP_PASS,        /* let it pass, above the limit */
};

/*
 * What to do when @group has no room for an object of @bytes and no shrinker frees
 * anything. @attempt counts from 0, for each allocation.
 *
 * Called without locks, by the thread that allocates, which is not inside a group
 * meanwhile; it may free, allocate, wait, and change limits. Not for callers that may not
 * block, which are refused.
 */
typedef enum kmem_group_verdict kmem_group_callback(struct kmem_group *group, size_t bytes,
		gfp_t gfp, unsigned int attempt, void *data);

/* kmem_group_set_callback - NULL: none, refuse. */
void kmem_group_set_callback(struct kmem_group *group, kmem_group_callback *callback,
		void *data);

/* What is charged to a group and all below it. */
struct kmem_group_counts {
	size_t usage;           /* bytes now, exactly */
	size_t peak;            /* the most there was, with the stocks of that time */
	size_t limit;
	unsigned long refusals; /* allocations that failed because this group was full */
};

/*
 * kmem_group_read - fill in @counts. The CPUs' stocks are emptied first, so it is exact
 * for what happened before, and not for every other moment.
 */
void kmem_group_read(struct kmem_group *group, struct kmem_group_counts *counts);

/*
 * kmem_group_cache_usage - bytes of @cache's objects that are charged to @group or below;
 * @group NULL: to anybody.
 *
 * Cost    looks at every page of the heap, under the cache's lock; for tests and tools.
 */
size_t kmem_group_cache_usage(const struct kmem_group *group, struct kmem_cache *cache);

#ifdef __cplusplus
}
#endif
#endif

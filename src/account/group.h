/*
 * group.h: accounting groups: who pays for an object.
 *
 *      top  (limit 1 GiB, usage 70 + 30)
 *       |
 *      mail (limit 200 MiB, usage 30)       usage counts what is below too
 *
 * A charge goes up the tree: each group on the way must have room. Most charges do not get
 * that far: each CPU has a stock of bytes that are charged already (stock.c).
 *
 * A group that is destroyed stays, without name and limit, as a link between what was
 * charged to it and its parent, until all of that is gone. So destroying moves nothing and
 * races with nothing: the parent's usage counts those bytes already.
 *
 * Invariants:
 *   G1  usage is what was charged through the group and the groups below it, stocks
 *       included.
 *   G2  pins is the sum of the bytes charged to the group itself, stocks included, of the
 *       threads inside, of the groups whose parent it is, and 1 while it lives. A group
 *       with pins has its number, and its parent has pins.
 *   G3  usage never exceeds the limit, but by charges that may (__GFP_NOFAIL,
 *       __GFP_MEMALLOC, a callback's word) and by a limit that was lowered.
 */
#ifndef ACCOUNT_GROUP_H
#define ACCOUNT_GROUP_H

#include <stdatomic.h>

#include <ukmem/gfp.h>
#include <ukmem/group.h>

#include "node/meta.h"

enum {
	GROUPS_MAX = 16384,             /* living ones, and destroyed ones with objects */
	GROUP_NAME_BYTES = 128,
};

struct kmem_group {
	_Atomic int64_t usage;          /* G1 */
	_Atomic int64_t limit;
	_Atomic int64_t peak;
	_Atomic int64_t pins;           /* G2; 0: free, to be made anew */
	_Atomic uint64_t refusals;
	struct kmem_group *parent;
	kmem_group_callback *_Atomic over;
	void *_Atomic over_data;
	_Atomic bool destroyed;
	uint16_t number;                /* in groups[]; from 1 */
	char name[GROUP_NAME_BYTES];
};

static_assert(sizeof(struct kmem_group) <= GROUP_BYTES, "one fits a meta object");

/* By number. What is there once stays, perhaps as another group. */
extern struct kmem_group *_Atomic groups[GROUPS_MAX];

/* Somebody made a group: caches that account have hooks from now on. */
extern OURS _Atomic bool accounting_on;

/* This thread's, or NULL; it may be destroyed by now. */
extern __thread struct kmem_group *group_entered __attribute__((tls_model("initial-exec")));

/* ---- group.c ------------------------------------------------------------------ */

/* A group with one pin, under the registry lock. NULL with errno ENOMEM or ENOSPC. */
struct kmem_group *group_new(const char *name, struct kmem_group *parent, int64_t limit);

/* The nearest that lives, @group or above it; NULL: none. */
static inline struct kmem_group *group_alive(struct kmem_group *group)
{
	while (group != NULL && atomic_load_explicit(&group->destroyed, memory_order_relaxed))
		group = group->parent;
	return group;
}

/*
 * Charge @bytes to @group and all above it, past their limits if @force. Returns NULL, or
 * the group that has no room, with nothing charged. @group is pinned by the caller.
 */
struct kmem_group *group_charge_up(struct kmem_group *group, int64_t bytes, bool force);
void group_uncharge_up(struct kmem_group *group, int64_t bytes);

static inline void group_pin(struct kmem_group *group, int64_t pins)
{
	atomic_fetch_add_explicit(&group->pins, pins, memory_order_relaxed);
}
void group_unpin(struct kmem_group *group, int64_t pins);

/* ---- charge.c ------------------------------------------------------------------- */

/* Charge one object of @bytes to @group, as @gfp allows; false: refused. */
bool group_charge(struct kmem_group *group, size_t bytes, gfp_t gfp);
void group_uncharge(struct kmem_group *group, size_t bytes);

/*
 * @full has no room for @bytes: what should be done? Called without locks, again and again
 * until it does not say KMEM_GROUP_RETRY. Set by a floor above.
 */
extern enum kmem_group_verdict (*group_full_hook)(struct kmem_group *full, size_t bytes,
						  gfp_t gfp, unsigned attempt);

/* ---- stock.c ---------------------------------------------------------------------- */

/* Once. 0 or -ENOMEM. */
int stocks_init(void);

/* From this CPU's stock; false when there is not enough of @group's. */
bool stock_take(struct kmem_group *group, int64_t bytes);

/* Into it; what is too much, and what is a destroyed group's, goes up at once. */
void stock_give(struct kmem_group *group, int64_t bytes);

/* All CPUs' go up: of @group, or all for NULL. Those that are busy only if it may wait. */
void stocks_drain(const struct kmem_group *group, bool may_block);

/* For fork. */
void stocks_each_lock(void (*act)(struct lock *lock));

/* Chosen: of objects of 256 bytes one charge in 64 goes up the tree. */
enum { STOCK_BYTES = 16 << 10 };

#endif

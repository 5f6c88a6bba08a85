/*
 * group.c: the tree of groups and its counters. See group.h.
 */
#include "account/group.h"

#include <errno.h>
#include <string.h>

#include "base/bits.h"

struct kmem_group *_Atomic groups[GROUPS_MAX] RARELY_USED;
_Atomic bool accounting_on;
__thread struct kmem_group *group_entered __attribute__((tls_model("initial-exec")));

/* ---- Charges ---------------------------------------------------------------------- */

static void note_peak(struct kmem_group *group, int64_t usage)
{
	int64_t peak = atomic_load_explicit(&group->peak, memory_order_relaxed);

	while (usage > peak &&
	       !atomic_compare_exchange_weak_explicit(&group->peak, &peak, usage,
			memory_order_relaxed, memory_order_relaxed))
		;
}

/* Never above the limit, not even for a moment: who is refused by that would be wrongly. */
static bool charge_one(struct kmem_group *group, int64_t bytes, bool force)
{
	int64_t usage = atomic_load_explicit(&group->usage, memory_order_relaxed);

	do {
		if (!force && usage + bytes > atomic_load_explicit(&group->limit,
								   memory_order_relaxed))
			return false;
	} while (!atomic_compare_exchange_weak_explicit(&group->usage, &usage, usage + bytes,
			memory_order_relaxed, memory_order_relaxed));
	note_peak(group, usage + bytes);
	return true;
}

/* From @group up to, but without, @end. */
static void uncharge_below(struct kmem_group *group, const struct kmem_group *end, int64_t bytes)
{
	for (; group != end; group = group->parent)
		atomic_fetch_sub_explicit(&group->usage, bytes, memory_order_relaxed);
}

struct kmem_group *group_charge_up(struct kmem_group *group, int64_t bytes, bool force)
{
	for (struct kmem_group *at = group; at != NULL; at = at->parent)
		if (!charge_one(at, bytes, force)) {
			uncharge_below(group, at, bytes);
			return at;
		}
	group_pin(group, bytes);
	return NULL;
}

/* The pins last: they keep the way up. */
void group_uncharge_up(struct kmem_group *group, int64_t bytes)
{
	uncharge_below(group, NULL, bytes);
	group_unpin(group, bytes);
}

void group_unpin(struct kmem_group *group, int64_t pins)
{
	while (group != NULL) {
		struct kmem_group *parent = group->parent;

		if (atomic_fetch_sub_explicit(&group->pins, pins, memory_order_acq_rel) != pins)
			return;
		group = parent;         /* that was the last: it is free, its parent has one less */
		pins = 1;
	}
}

/* ---- Making one ---------------------------------------------------------------------- */

/* A number whose group is gone, or that never had one; 0: none left. */
static unsigned free_number(void)
{
	for (unsigned number = 1; number < GROUPS_MAX; number++)
		if (groups[number] == NULL || groups[number]->pins == 0)
			return number;
	return 0;
}

static void copy_name(struct kmem_group *group, const char *name)
{
	size_t length = min_size(strlen(name), GROUP_NAME_BYTES - 1);

	memcpy(group->name, name, length);
	group->name[length] = '\0';
}

struct kmem_group *group_new(const char *name, struct kmem_group *parent, int64_t limit)
{
	unsigned number = free_number();
	struct kmem_group *group = number != 0 ? groups[number] : NULL;

	if (number == 0) {
		errno = ENOSPC;
		return NULL;
	}
	if (group == NULL)
		group = meta_alloc(META_GROUP, 0, true);
	if (group == NULL) {
		errno = ENOMEM;
		return NULL;
	}
	memset(group, 0, sizeof(*group));
	group->number = (uint16_t)number;
	group->parent = parent;
	group->limit = limit;
	copy_name(group, name);
	if (parent != NULL)
		group_pin(parent, 1);
	atomic_store_explicit(&group->pins, 1, memory_order_release);
	groups[number] = group;
	return group;
}

/*
 * groups.h: what the tests of accounting groups have in common.
 */
#ifndef HARNESS_GROUPS_H
#define HARNESS_GROUPS_H

#include <ukmem/group.h>

#include "harness/test.h"

enum { SIZE = 256 };

/* Objects of SIZE bytes that are accounted. */
static inline struct kmem_cache *letters(void)
{
	return kmem_cache_create("letters", SIZE, 0, SLAB_ACCOUNT, NULL);
}

static inline size_t usage_of(struct kmem_group *group)
{
	struct kmem_group_counts counts;

	kmem_group_read(group, &counts);
	return counts.usage;
}

static inline struct kmem_group *group_of(const char *name, struct kmem_group *parent, size_t limit)
{
	struct kmem_group *group = kmem_group_create(name, parent, limit);

	EXPECT_NE(group, NULL);
	return group;
}

static inline void *alloc_in(struct kmem_group *group, struct kmem_cache *cache, gfp_t gfp)
{
	struct kmem_group *before = kmem_group_enter(group);
	void *object = kmem_cache_alloc(cache, gfp);

	kmem_group_leave(before);
	return object;
}

#endif

/*
 * account.h: what the road of an allocation asks of accounting.
 */
#ifndef ACCOUNT_ACCOUNT_H
#define ACCOUNT_ACCOUNT_H

#include "account/group.h"
#include "account/owners.h"
#include "slab/hooks.h"

/* For a cache that accounts and has no hooks of its own: they do nothing. */
extern const struct slab_hooks account_hooks;

/* Who pays for an object of this cache, allocated now with @gfp; NULL: nobody. */
static inline struct kmem_group *account_group(const struct slab_layout *layout, gfp_t gfp)
{
	if (likely(layout->accounting == ACCOUNT_NONE) ||
	    (layout->accounting == ACCOUNT_ASKED && !(gfp & __GFP_ACCOUNT)))
		return NULL;
	return group_alive(group_entered);
}

/* A charged object knows its group from now on; false: that can't be written down. */
bool account_own(const struct kmem_group *group, const void *object, bool may_block);

/* It goes to its slab: whoever paid for it is uncharged. */
void account_disown_slow(const struct slab_layout *layout, const void *object);

static inline void account_disown(const struct slab_layout *layout, const void *object)
{
	if (unlikely(layout->accounting != ACCOUNT_NONE))
		account_disown_slow(layout, object);
}

#endif

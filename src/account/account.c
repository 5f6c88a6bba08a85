/*
 * account.c: see account.h.
 */
#include "account/account.h"

#include "debug/watch.h"

bool account_own(const struct kmem_group *group, const void *object, bool may_block)
{
	return owner_set(virt_to_head_page(object), object, group->number, may_block);
}

void account_disown_slow(const struct slab_layout *layout, const void *object)
{
	unsigned number = owner_take(virt_to_head_page(object), object);

	if (number != 0)
		group_uncharge(groups[number], layout->size);
}

static bool allocated(const struct slab_layout *layout UNUSED, void *object UNUSED,
		      const struct alloc_request *request UNUSED)
{
	return true;
}

static bool may_free(const struct slab_layout *layout UNUSED, void *object UNUSED,
		     const void *caller UNUSED)
{
	return true;
}

const struct slab_hooks account_hooks = {
	.new_slab = watch_new_slab,
	.may_alloc = watch_may_alloc,
	.allocated = allocated,
	.may_free = may_free,
	.usable = watch_usable,
	.resize = watch_resize,
};

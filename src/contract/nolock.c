/*
 * nolock.c: memory by size for code that may have interrupted anything.
 *
 * Taking is kmalloc that may not wait: a pop, or locks that are tried. Giving is a push,
 * or the node's lock tried, or else the object waits (cache/deferred.c).
 */
#include <errno.h>

#include "base/check.h"
#include "cache/cache.h"
#include "cpu/backend.h"
#include "debug/guard.h"

PUBLIC void *kmalloc_nolock(size_t size, gfp_t gfp, int node)
{
	return kmalloc_node(size, (gfp & (__GFP_ZERO | __GFP_ACCOUNT)) | __GFP_NOWARN, node);
}

PUBLIC void kfree_nolock(const void *object)
{
	struct page *slab;
	int kept_errno = errno;

	if (ZERO_OR_NULL_PTR(object))
		return;
	if (guard_owns(object)) {
		guard_free(NULL, (void *)object, __builtin_return_address(0));
		return;
	}
	slab = virt_to_head_page(object);
	if (slab == NULL || slab->state != PAGE_SLAB)
		slab_panic("kfree_nolock of %p, which is in no slab", object);
	if (slab->layout->ctor != NULL)
		slab_panic("kfree_nolock of %p, which belongs to a cache with a constructor", object);
	if (!cpu_free_at_once(&cache_of_layout(slab->layout)->cpu, (void *)object))
		defer_free((void *)object);
	errno = kept_errno;
}

/*
 * scope.h: what all allocations of a thread may do, for a while, whatever flags they have.
 *
 * Code that holds a file system's locks, say, need not hand GFP_NOFS down to all that it
 * calls:
 *
 *     unsigned int before = kmem_scope_enter(KMEM_SCOPE_NOFS);
 *     ... kmalloc(size, GFP_KERNEL) is GFP_NOFS here ...
 *     kmem_scope_leave(before);
 *
 * A kernel's names (memalloc_nofs_save) are in include/compat/linux/sched/mm.h.
 */
#ifndef UKMEM_SCOPE_H
#define UKMEM_SCOPE_H

#include <ukmem/gfp.h>

#ifdef __cplusplus
extern "C" {
#endif

#define KMEM_SCOPE_NOFS      1u /* without __GFP_FS */
#define KMEM_SCOPE_NOIO      2u /* without __GFP_IO and __GFP_FS */
#define KMEM_SCOPE_MEMALLOC  4u /* with __GFP_MEMALLOC, and calling no shrinkers */

/*
 * kmem_scope_enter - this thread is in @scope too, from now on.
 *
 * Returns what kmem_scope_leave wants: calls nest.
 * Signals safe, when the handler leaves before it returns.
 */
unsigned int kmem_scope_enter(unsigned int scope);
void kmem_scope_leave(unsigned int before);

/* kmem_scope_gfp - @gfp as it counts for this thread now. */
gfp_t kmem_scope_gfp(gfp_t gfp);

#ifdef __cplusplus
}
#endif
#endif

/* linux/sched/mm.h: what a thread's allocations may do for a while. */
#ifndef UKMEM_COMPAT_SCHED_MM_H
#define UKMEM_COMPAT_SCHED_MM_H

#if __has_include_next(<linux/sched/mm.h>)
#include_next <linux/sched/mm.h>
#endif

#include <linux/gfp.h>
#include <ukmem/scope.h>

/* The task's flags for it, one by one or together. */
#define PF_MEMALLOC                        KMEM_SCOPE_MEMALLOC
#define PF_MEMALLOC_NOFS                   KMEM_SCOPE_NOFS
#define PF_MEMALLOC_NOIO                   KMEM_SCOPE_NOIO
#define memalloc_flags_save(flags)         kmem_scope_enter(flags)
#define memalloc_flags_restore(flags)      kmem_scope_leave(flags)

#define memalloc_nofs_save()               kmem_scope_enter(KMEM_SCOPE_NOFS)
#define memalloc_nofs_restore(flags)       kmem_scope_leave(flags)
#define memalloc_noio_save()               kmem_scope_enter(KMEM_SCOPE_NOIO)
#define memalloc_noio_restore(flags)       kmem_scope_leave(flags)
#define memalloc_noreclaim_save()          kmem_scope_enter(KMEM_SCOPE_MEMALLOC)
#define memalloc_noreclaim_restore(flags)  kmem_scope_leave(flags)
#define memalloc_pin_save()                kmem_scope_enter(0)
#define memalloc_pin_restore(flags)        kmem_scope_leave(flags)
#define current_gfp_context(gfp)           kmem_scope_gfp(gfp)

#define might_alloc(gfp)                   ((void)(gfp))
#define fs_reclaim_acquire(gfp)            ((void)(gfp))
#define fs_reclaim_release(gfp)            ((void)(gfp))

#endif

/*
 * hooked.h: allocation and free in a cache with hooks (slab/hooks.h).
 *
 * Such a cache has no arrays (limit 0, tune refuses), so all its calls come here.
 */
#ifndef CPU_HOOKED_H
#define CPU_HOOKED_H

#include "cpu/cpu.h"

/*
 * @size bytes were asked for; @node is NUMA_NO_NODE's -1 for any; @caller is the return
 * address of the call into the library.
 */
void *cpu_alloc_hooked(struct cpu_arrays *cpu, gfp_t gfp, size_t size, int node,
		       const void *caller);

/*
 * __GFP_ACCOUNT in a cache without hooks: true if it has them from now on, because the
 * thread is in a group.
 */
bool cpu_starts_accounting(struct cpu_arrays *cpu, gfp_t gfp);

/* It shall account what is asked for; set by the floor above. */
extern bool (*cpu_account_hook)(struct cpu_arrays *cpu);

static inline bool cpu_is_hooked(struct cpu_arrays *cpu, gfp_t gfp)
{
	return cpu->layout->hooks != NULL ||
	       (unlikely(gfp & __GFP_ACCOUNT) && cpu_starts_accounting(cpu, gfp));
}

/* Free by a caller that stands elsewhere than right behind kmem_cache_free or kfree. */
void cpu_free_hooked(struct cpu_arrays *cpu, void *object, const void *caller);

/* The free hook's answer: whether @object may go to its slab now. */
bool cpu_may_free(struct cpu_arrays *cpu, void *object, const void *caller);

/* Objects that a hook held back go to their slabs. */
void cpu_free_held(struct cpu_arrays *cpu, void *const *objects, unsigned count);

/* refill.c: the door without the hooks. */
void *cpu_alloc_plain(struct cpu_arrays *cpu, gfp_t gfp, int node);

#endif

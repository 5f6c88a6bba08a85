/*
 * cache.h: an object cache, one member per floor below.
 *
 * Lock: everything here but the slots and counters of `cpu` is set at creation, or
 * changed under the registry lock.
 */
#ifndef CACHE_CACHE_H
#define CACHE_CACHE_H

#include <ukmem/slab.h>

#include "cpu/cpu.h"

enum {
	REFCOUNT_BOOT = -1,             /* kmalloc's: never merged, never destroyed */
	NAME_BYTES = 192,               /* what is left to the slots; longer is cut */
};

struct kmem_cache {
	struct list list;               /* in the registry, newest first */
	slab_flags_t flags;
	int refcount;
	unsigned useroffset, usersize;
	char name[NAME_BYTES];
	alignas(8) char unused[SLOTS_OFFSET - 32 - NAME_BYTES - sizeof(struct slab_layout) -
			       sizeof(struct cpu_arrays)];
	struct slab_layout layout;
	struct cpu_arrays cpu;          /* ends in the slots; behind them, the nodes */
};

static_assert(offsetof(struct kmem_cache, cpu) + offsetof(struct cpu_arrays, slot) ==
	      SLOTS_OFFSET, "the sequences find the slots without an instruction");

static inline struct kmem_cache_node **cache_nodes(struct kmem_cache *cache)
{
	return (struct kmem_cache_node **)(void *)&cache->cpu.slot[topology.slots];
}

static inline struct kmem_cache *cache_of_layout(struct slab_layout *layout)
{
	return container_of(layout, struct kmem_cache, layout);
}

/* ---- boot.c -------------------------------------------------------------------- */

/*
 * The allocator works after this; from any thread, before main. 0 or -ENOMEM; a later
 * call goes on where a refused one stopped.
 */
int boot(void);
extern _Atomic bool booted;
extern struct lock boot_lock;           /* held through boot, and across fork */

static inline int boot_ensure(void)
{
	if (likely(atomic_load_explicit(&booted, memory_order_acquire)))
		return 0;
	return boot();
}

/* ---- registry.c ------------------------------------------------------------------ */

extern struct lock registry_lock;
extern struct list registry;            /* newest first; under the lock */

/* An older cache that can serve this request, or NULL. */
struct kmem_cache *find_mergeable(unsigned size, unsigned align, slab_flags_t flags,
				  void (*ctor)(void *));
struct kmem_cache *find_by_name(const char *name, size_t length);

#define for_each_cache(cache)                                                   \
	for (struct kmem_cache *cache = list_entry(registry.next, struct kmem_cache, list); \
	     &cache->list != &registry;                                         \
	     cache = list_entry(cache->list.next, struct kmem_cache, list))

/* ---- create.c -------------------------------------------------------------------- */

struct cache_request {
	const char *name;
	unsigned size, align;
	slab_flags_t flags;
	unsigned useroffset, usersize;
	void (*ctor)(void *);
};

/* Make it, unmerged, with @refcount, in the registry. Under the registry lock. */
int cache_create(const struct cache_request *request, int refcount, struct kmem_cache **out);

/* Objects that are out: not in slabs' free lists, arrays not counted as free. */
size_t cache_active_objects(struct kmem_cache *cache);

/* Arrays for the alien caches of @n that have none. 0 or -ENOMEM. */
int make_alien_arrays(struct kmem_cache *cache, struct kmem_cache_node *n);

extern const struct slab_source kmalloc_source;

/* ---- tune.c ---------------------------------------------------------------------- */

/* The default array sizes for a stride. */
void default_tunables(unsigned size, unsigned *limit, unsigned *batchcount, unsigned *shared);
size_t node_free_limit(const struct kmem_cache *cache, unsigned node);
int do_tune_cpucache(struct kmem_cache *cache, unsigned limit, unsigned batchcount,
		     unsigned shared);
int node_set_shared(struct kmem_cache *cache, unsigned node, unsigned limit);

/* ---- shrink.c -------------------------------------------------------------------- */

/* Arrays of all kinds, then free slabs; true when objects are still out. */
bool cache_shrink(struct kmem_cache *cache);

/* Shrink all caches: what an allocation does before it gives up. */
void reclaim(void);

/* ---- reaper.c -------------------------------------------------------------------- */

/* One pass over a cache for slot @cpu, as the kernel's cache_reap; @alien_home is the
 * node whose alien cache is due. */
void cache_reap_cpu(struct kmem_cache *cache, unsigned cpu, unsigned alien_home,
		    uint64_t now_ms);
void reaper_init(void);
void reaper_after_fork(void);
uint64_t reaper_rounds(void);

/* ---- hotplug.c ------------------------------------------------------------------- */

/* A CPU went, or came back: its array is drained, its node's limits follow. */
void cpu_went_offline(unsigned cpu);
int cpu_came_online(unsigned cpu);

/* ---- fork.c ---------------------------------------------------------------------- */

/* Once, before main. */
void fork_init(void);

/* ---- malloc/kmalloc.c ------------------------------------------------------------- */

int kmalloc_init(void);

/* Walk every invariant of the cache; aborts where one is broken. */
void cache_check(struct kmem_cache *cache);

#endif

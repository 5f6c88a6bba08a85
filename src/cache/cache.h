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
 * call goes on where a refused one stopped. malloc needs no kmalloc.
 * Who may not block boots as well, for who else would? But not (-EAGAIN) beside a thread that
 * does, nor in a signal handler that interrupted this one under a lock of ours.
 */
int boot(bool may_block);
int boot_for_malloc(void);
extern OURS _Atomic bool booted;             /* for malloc at least */
extern OURS _Atomic bool booted_whole;

/* malloc's part, before any thread is known. Only who has malloc's names defines it. */
int boot_heap(void) __attribute__((weak, visibility("hidden")));
extern struct lock boot_lock;           /* held through boot, and across fork */

static inline int boot_ensure_for(gfp_t gfp)
{
	if (likely(atomic_load_explicit(&booted_whole, memory_order_acquire)))
		return 0;
	return boot(gfp_may_block(gfp));
}

static inline int boot_ensure(void)
{
	return boot_ensure_for(GFP_KERNEL);
}

/* ---- registry.c ------------------------------------------------------------------ */

extern struct lock registry_lock;
extern struct list registry;            /* newest first; under the lock */

/* An older cache that can serve this request, or NULL. */
struct kmem_cache *find_mergeable(unsigned size, unsigned align, slab_flags_t flags,
				  void (*ctor)(void *));
/* The newest of this name, given as it is or as it is shown (base/shown.h); or NULL. */
struct kmem_cache *find_by_name(const char *name, size_t length);

#define for_each_cache(cache)                                                   \
	for (struct kmem_cache *cache = list_entry(registry.next, struct kmem_cache, list); \
	     &cache->list != &registry;                                         \
	     cache = list_entry(cache->list.next, struct kmem_cache, list))

/* ---- leaks.c --------------------------------------------------------------------- */

extern bool leaks_wanted;               /* leaks:yes */

/* ---- create.c -------------------------------------------------------------------- */

struct cache_request {
	const char *name;
	unsigned size, align;
	slab_flags_t flags;
	unsigned useroffset, usersize;
	void (*ctor)(void *);
	unsigned sheaf_capacity;        /* arrays hold at least this many */
	struct kmem_source *source;     /* whose pages; NULL: the flags decide */
	bool no_merge;
	bool malformed;                 /* already known to be EINVAL */
};

/* No free list is in an object of kmalloc. */
bool lists_stay_with_slabs(void);

/*
 * Make it or share an older one. NULL with errno set and a line in the log; with
 * SLAB_PANIC it aborts instead.
 */
struct kmem_cache *cache_request(const struct cache_request *request);

/* Make it, unmerged, with @refcount, in the registry. Under the registry lock. */
int cache_create(const struct cache_request *request, int refcount, struct kmem_cache **out);

/* Objects that are out: not in slabs' free lists, arrays not counted as free. */
size_t cache_active_objects(struct kmem_cache *cache);

/*
 * There will be slabs that wait for readers; wait until nothing does any more. NULL:
 * nothing ever does.
 */
extern void (*rcu_start_hook)(void), (*rcu_barrier_hook)(void);

/* Arrays for the alien caches of @n that have none. 0 or -ENOMEM. */
int make_alien_arrays(struct kmem_cache *cache, struct kmem_cache_node *n);

extern const struct slab_source kmalloc_source;

/* ---- gfp_zones.c ----------------------------------------------------------------- */

/*
 * The zone for pages with @gfp; NULL without __GFP_DMA and __GFP_DMA32, and where any
 * will do. 0, or -ENOMEM when there is none below 4 GiB. Under the registry lock, like
 * all here.
 */
int gfp_zone(gfp_t gfp, struct zone **out);

/* The one for a cache's flags, if it is there already. */
struct zone *flags_zone(slab_flags_t flags);
gfp_t flags_gfp(slab_flags_t flags);

/* @zone, or as it was with NULL, is for @gfp from now on. */
void gfp_zone_set(gfp_t gfp, struct zone *zone);
bool gfp_zone_is(const struct zone *zone);

/* Addresses below 4 GiB for @source: up to @bytes, less if need be. 0 or -ENOMEM. */
int low_range(struct kmem_source *source, size_t bytes);

/* In a fork child: caches in memory that is the parent's are empty, and stay so. */
void sources_abandon(void);

/* ---- account.c -------------------------------------------------------------------- */

/* No arrays any more, so that hooks may be set. Under the registry lock. 0 or -EPERM. */
int cache_close(struct kmem_cache *cache);
void cache_account_new(struct kmem_cache *cache);

/* For the first group. 0, -ENOMEM or -EPERM. */
int accounting_start(void);

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

/* ---- holes.c --------------------------------------------------------------------- */

/*
 * Pages within used slabs that hold free objects only go back to the OS, if their slab
 * has rested for a round. Under the registry lock. Returns how many; the sum is counted.
 */
size_t holes_purge(void);
extern counter_t holes_released;

/* The same without the wait. Takes the registry lock. */
size_t holes_purge_now(void);

/* ---- growth.c -------------------------------------------------------------------- */

/* After a miss; no lock is held. A glance at two counters, mostly. */
void growth_follow(void);

/* ---- reclaim.c ------------------------------------------------------------------- */

/* Free all free slabs of all caches. */
void reclaim(void);

/*
 * An allocation that may block was refused for the (@attempt + 1)th time: do what can
 * be done. Returns whether it should try again. Called without locks.
 */
bool reclaim_for(gfp_t gfp, unsigned attempt);

/* Before memory is refused: shrinkers, gently, and free slabs. How many they freed. */
unsigned long relieve(gfp_t gfp);

/* Only the shrinkers, harder with each @attempt; how many objects they freed. */
unsigned long shrink_for(gfp_t gfp, unsigned attempt);
enum { SHRINK_ATTEMPTS = 4 };           /* chosen: the last asks for all they have */

/* Call the application's shrinkers, 0 gently .. 3 for all they have; set from above. */
extern unsigned long (*shrink_hook)(gfp_t gfp, unsigned urgency);

/* ---- reaper.c -------------------------------------------------------------------- */

/* One pass over a cache for slot @cpu, as the kernel's cache_reap; @alien_home is the
 * node whose alien cache is due. */
void cache_reap_cpu(struct kmem_cache *cache, unsigned cpu, unsigned alien_home,
		    uint64_t now_ms);
void reaper_init(void);
extern bool reaper_lazy;                /* set before boot: a helper only for much memory */
void reaper_after_fork(void);
void reaper_hears(size_t pages);        /* a run of so many was freed */
uint64_t reaper_rounds(void);

enum { HELPER_NONE, HELPER_RUNS, HELPER_REFUSED };
extern _Atomic int reaper_helper;
extern counter_t reaper_rounds_done;

/* ---- recorder.c -------------------------------------------------------------------- */

/*
 * Record each allocation and free of all plain caches from now on, into a file without a
 * name. Returns its descriptor, which a tool opens through /proc and locks (flock): when
 * nobody does any more the recording ends, too. -EBUSY: there is one; -EOPNOTSUPP: there is
 * no plain cache. Called without locks.
 */
int recorder_start(void);
int recorder_stop(void);                /* 0 */

/* The helper's look at it, once a round; true while there is one. Called without locks. */
bool recorder_round(void);

/* Under the registry lock: it takes part in the recording, if there is one. */
void recorder_new_cache(struct kmem_cache *cache);

/* It gets hooks of its own, for good: no recording of it, and no arrays afterwards. */
void recorder_forgo(struct kmem_cache *cache);

/* In a fork child, which is not recorded; @quiet: nobody was half way through anything. */
void recorder_after_fork(bool quiet);

/* ---- timing.c ---------------------------------------------------------------------- */

void timing_init(void);
void timing_new_cache(struct kmem_cache *cache);

/* All misses are timed for so many @seconds from now. 0, -EINVAL or -ENOMEM. */
int timing_start(const char *seconds);

/* The helper's look at it; true while a tool wants it. Called without locks. */
bool timing_round(void);

/* ---- observe/mailbox.c ------------------------------------------------------------- */

/* Do what a tool outside asked for, if any did; true then. Called without locks. */
bool mailbox_serve(void);
bool mailbox_has_mail(void);

/* In a fork child: what was asked of its parent is none of its business. */
void mailbox_after_fork(void);

/* ---- hotplug.c ------------------------------------------------------------------- */

/* A CPU went, or came back: its array is drained, its node's limits follow. */
void cpu_went_offline(unsigned cpu);
int cpu_came_online(unsigned cpu);

/* ---- fork.c ---------------------------------------------------------------------- */

/* Before main; only the first call counts. */
void fork_init(void);

/*
 * One lock for what floors above rarely do and quickly: a mempool that is short of
 * elements, the list of shrinkers. A leaf: nothing is taken or called under it.
 */
extern struct lock leaf_lock;

/* ---- deferred.c ------------------------------------------------------------------ */

/*
 * An object that can't be freed where we are (a signal handler that may have
 * interrupted the lock's holder) waits; its first bytes are the list's until it is
 * freed. Any context. deferred_free frees what waits, deferred_settle besides waits for
 * threads that are freeing some; called without locks.
 */
void defer_free(void *object);
void defer_free_pages(struct page *page);
void deferred_free(void);
void deferred_settle(void);
void deferred_after_fork(void);

/* ---- malloc/kmalloc.c ------------------------------------------------------------- */

int kmalloc_init(void);

/* The caches for __GFP_ACCOUNT. 0 or an error. */
int kmalloc_account(void);

/* ---- malloc/derived.c -------------------------------------------------------------- */

/* What to ask kmalloc for, to get @size bytes on a multiple of @align. */
size_t kmalloc_aligned_size(size_t size, size_t align);

/* Walk every invariant of the cache; aborts where one is broken. */
void cache_check(struct kmem_cache *cache);

#endif

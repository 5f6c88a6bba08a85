/*
 * look.h: how a test looks into the library, and the worlds it makes up.
 *
 * MACHINE words for TEST_ON. Where a test says run_on_cpu(n) its thread is on made-up
 * CPU n until it says otherwise; when it is the test's first call, all its threads must
 * do so. Two threads of a test must never be on one made-up CPU at once: nothing but the kernel's own scheduling keeps
 * sequences apart. For the same reason the helper thread is off on these machines.
 */
#ifndef HARNESS_LOOK_H
#define HARNESS_LOOK_H

#include <ukmem/slab.h>

#include "cache/cache.h"
#include "cpu/classes.h"

#define FOUR_CPUS            "profile:slab topology:4x1 reaper:off reap_ms:1000000 "
#define FOUR_CPUS_TWO_NODES  "profile:slab topology:4x2 reaper:off reap_ms:1000000 "
#define NO_REAPER            "profile:slab reaper:off reap_ms:1000000 "

/* Boot if need be; then this thread is on CPU @cpu of a made-up machine. */
void run_on_cpu(int cpu);

/* A cache that shares with nobody. */
struct kmem_cache *cache_of(const char *name, unsigned size);

struct kmem_cache_node *node_of(struct kmem_cache *cache, unsigned node);

/* The array of slot @cpu; array_none when it has none. */
struct array_cache *array_of(struct kmem_cache *cache, unsigned cpu);

/* Objects waiting on @node to go home to @home. */
unsigned alien_count(struct kmem_cache *cache, unsigned node, unsigned home);

size_t slabs_of(struct kmem_cache *cache);
struct page *slab_of_object(const void *object);
unsigned node_of_address(const void *address);

/* Objects taken from the allocator's own caches. */
size_t meta_active_objects(void);

/* All invariants of all caches, of the allocator's own and of all zones. */
void check_everything(void);

/* Take @count objects; all must succeed. And give them back, first one first. */
void take_objects(struct kmem_cache *cache, void **objects, unsigned count);
void give_objects(struct kmem_cache *cache, void **objects, unsigned count);

/* The line of slabinfo for @name, NULL if there is none. Good until the next call. */
const char *slabinfo_line(const char *name);

#endif

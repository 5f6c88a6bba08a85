/*
 * snapshot.h: all caches of a target at one moment, or as near to it as a process
 * that goes on running allows.
 *
 * Each node is read until two readings are equal and its lock is free; what does not
 * come to rest is "unsteady": its numbers are of a moment, but perhaps not of the same.
 * What contradicts itself, or can't be read, is "damaged".
 */
#ifndef INSPECT_SNAPSHOT_H
#define INSPECT_SNAPSHOT_H

#include <time.h>

#include "target.h"

enum { CACHES_MAX = 65536, CACHE_NAME_BYTES = 192 };

/* Misses by the time they took: bucket i is 2^i ns and more, less than twice that. */
enum { MISS_ALLOC, MISS_FREE, MISS_KINDS };
enum { MISS_BUCKETS = 32 };

struct node_view {
	uint64_t total_slabs, free_slabs, free_objects;
	uint64_t shared;               /* its shared array, or 0 */
	uint32_t shared_avail, alien_avail;
};

struct array_view {
	uint64_t address;
	uint32_t slot, avail, limit;
	bool idle;
};

struct cache_view {
	uint64_t address, layout;      /* address 0: one of the allocator's own */
	char name[CACHE_NAME_BYTES];   /* as shown (src/base/shown.h) */
	uint32_t flags;
	uint32_t object_size, size, align, num, order, placement;
	uint32_t colour;               /* how many colours */
	uint32_t colour_off, lead;     /* bytes from one to the next, before the first */
	uint32_t limit, batchcount, shared;
	uint64_t refills, flushes;
	uint64_t hits;                 /* counted from below; an earlier version's: 0 */
	uint64_t took[MISS_KINDS][MISS_BUCKETS];
	bool timed;                    /* took has something to tell */
	bool steady, damaged;

	struct node_view *nodes;       /* [snapshot.nodes] */
	struct array_view *arrays;
	size_t arrays_count;

	/* Sums. As in slabinfo, objects in arrays of any kind count as active. */
	uint64_t slabs, active_slabs, objects, active_objects;
	uint64_t in_cpu_arrays, in_shared, in_alien;
};

struct groups;

struct snapshot {
	double seconds;                /* CLOCK_REALTIME of the reading; a core: 0 */
	struct cache_view *caches;     /* newest first, then the allocator's own */
	size_t caches_count;
	uint32_t nodes, slots, cpus_online;
	uint32_t zones;                 /* the nodes', then those of page sources */
	uint64_t slabs_grown, slabs_released, objects_reaped, sequences_aborted, reap_rounds;
	uint64_t committed_bytes, free_bytes, dirty_bytes;
	bool helper_runs;
	bool list_damaged;             /* the list of caches ends in nonsense */
	unsigned unsteady, damaged;    /* how many caches */
	struct groups *groups;         /* groups.h; NULL: none, or not looked at */
};

/* False after one line on stderr (the target is gone, or unreadable). */
bool snapshot_take(struct snapshot *snapshot, struct target *target);
void snapshot_free(struct snapshot *snapshot);

/* One line on stderr for what is not as it should be. Returns 1 if damaged, else 0. */
int snapshot_complain(const struct snapshot *snapshot, const struct target *target);

/* By name as shown, the newest; one line on stderr if there is none (NULL), or are several. */
const struct cache_view *snapshot_find(const struct snapshot *snapshot,
				       const struct target *target, const char *name);

/* The one that an earlier snapshot had there under this name; NULL when it is gone. */
const struct cache_view *snapshot_same(const struct snapshot *snapshot, uint64_t layout,
				       const char *name);

/* By the address of its layout; NULL if there is none. */
const struct cache_view *snapshot_of_layout(const struct snapshot *snapshot, uint64_t layout);

/* Objects that the program holds. */
static inline uint64_t cache_live(const struct cache_view *cache)
{
	uint64_t parked = cache->in_cpu_arrays + cache->in_shared + cache->in_alien;

	return cache->active_objects > parked ? cache->active_objects - parked : 0;
}

static inline uint64_t cache_bytes(const struct cache_view *cache)
{
	return cache->slabs << (12 + cache->order);
}

/* How much of its memory is in no live object. */
static inline double cache_waste(const struct cache_view *cache)
{
	uint64_t bytes = cache_bytes(cache), used = cache_live(cache) * cache->object_size;

	return bytes > used ? 1 - (double)used / (double)bytes : 0;
}

#endif

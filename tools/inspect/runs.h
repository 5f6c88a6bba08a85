/*
 * runs.h: all runs of pages of a target, and the objects in its slabs.
 */
#ifndef INSPECT_RUNS_H
#define INSPECT_RUNS_H

#include "snapshot.h"

enum run_state { RUN_FREE, RUN_PURGING, RUN_TAKEN, RUN_SLAB, RUN_AWAY, RUN_ODD };

/* A run of 2^order pages; odd ones are single descriptors that make no sense. */
struct run_view {
	uint64_t address, pages;
	enum run_state state;
	uint32_t zone;
	bool dirty;
	uint64_t layout, freelist;      /* slabs only, as the next */
	uint64_t free_map[4];
	uint64_t s_mem;                 /* 0: go by the colour */
	uint32_t active, colour;
};

/* Called in order of address within each zone, but not for runs that a page source has
 * taken back (RUN_AWAY); false ends the walk. */
typedef bool run_visitor(void *context, const struct run_view *run);

void runs_walk(struct target *target, const struct snapshot *snapshot, run_visitor *visit,
	       void *context);

/* The run that @address is in; false when it is in none. */
bool run_of_address(struct target *target, const struct snapshot *snapshot, uint64_t address,
		    struct run_view *run);

/* Where the first object of a slab begins; anywhere, if the slab is damaged. */
uint64_t slab_first(const struct cache_view *cache, const struct run_view *slab);

/* How full a slab is: 0 empty, 1 to 9 up to so many ninths, 10 full. */
enum { FULLNESSES = 11 };
unsigned fullness_of(const struct cache_view *cache, const struct run_view *slab);

/* How many slabs of @cache are how full. */
void fullness_count(struct target *target, const struct snapshot *snapshot,
		    const struct cache_view *cache, uint64_t counts[FULLNESSES]);

/* ---- Objects ---------------------------------------------------------------------- */

enum { OBJECTS_MAX = 65536 };

/* Which objects of a slab are free: a byte each. False when the slab contradicts itself. */
bool slab_free_objects(struct target *target, const struct cache_view *cache,
		       const struct run_view *slab, uint8_t *is_free);

/* A free object that waits in an array: whose is told in words. */
struct parked {
	uint64_t object;
	char where[40];
};

struct parked_set {
	struct parked *at;             /* by address */
	size_t count;
};

/* Every object that waits in an array of @cache. */
bool parked_collect(struct parked_set *set, struct target *target,
		    const struct cache_view *cache, uint32_t nodes);
const struct parked *parked_find(const struct parked_set *set, uint64_t object);
void parked_free(struct parked_set *set);

#endif

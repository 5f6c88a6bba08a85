/*
 * owners.h: what the table of a cache with checks says of an object (src/debug/table.h).
 */
#ifndef INSPECT_OWNERS_H
#define INSPECT_OWNERS_H

#include "runs.h"

enum { OWNER_FRAMES_MAX = 16 };

struct track_view {
	uint32_t stack;                /* its number; 0: not known */
	uint32_t thread;
};

struct owner_view {
	bool is_taken;                 /* live, or about to be */
	bool is_held;                  /* freed, in quarantine */
	bool is_tracked;               /* the next two are known */
	struct track_view allocated, freed;
};

/* The tables of a cache's slabs. */
struct owner_tables {
	bool known;                    /* the cache has checks */
	bool tracked;
	uint32_t entry_bytes;
};

struct owner_tables owner_tables_of(struct target *target, const struct cache_view *cache);

/* Object @index of the slab at @slab. False when it can't be read. */
bool owner_read(struct target *target, const struct owner_tables *tables, uint64_t slab,
		uint32_t index, struct owner_view *owner);

/* The return addresses of stack @number, nearest first. Returns how many: 0 if unknown. */
size_t owner_stack(struct target *target, uint32_t number, uint64_t frame[OWNER_FRAMES_MAX]);

#endif

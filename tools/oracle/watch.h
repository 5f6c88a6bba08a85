/*
 * watch.h: which slabs of a cache came and went since the last look.
 *
 * A slab's ordinal is the library's own serial: births in its cache, from 0.
 */
#ifndef ORACLE_WATCH_H
#define ORACLE_WATCH_H

#include <stdbool.h>
#include <stdint.h>

#include "text.h"

struct kmem_cache;

struct watch {
	uint32_t *seen;         /* [serial]: the look that saw it last, 0 never or gone */
	uint32_t room, look;
};

void watch_free(struct watch *watch);

/* Look at all lists; print births, then deaths, in order of their ordinals. */
void watch_look(struct watch *watch, struct kmem_cache *cache, struct text *events);

#endif

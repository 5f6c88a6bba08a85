/*
 * watch.h: the hooks of a table that only watches: nothing is refused, laid out or resized
 * otherwise than in a plain cache. sample.c and record.c fill in the rest.
 */
#ifndef DEBUG_WATCH_H
#define DEBUG_WATCH_H

#include "slab/hooks.h"
#include "slab/slab.h"

static inline void watch_new_slab(const struct slab_layout *layout UNUSED,
				  struct page *slab UNUSED)
{
}

static inline bool watch_may_alloc(const struct slab_layout *layout UNUSED,
				   const struct alloc_request *request UNUSED)
{
	return true;
}

static inline size_t watch_usable(const struct slab_layout *layout, const void *object UNUSED)
{
	return layout->object_size;
}

static inline bool watch_resize(const struct slab_layout *layout, void *object UNUSED,
				size_t size)
{
	return size <= layout->object_size;
}

#endif

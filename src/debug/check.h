/*
 * check.h: the hooks of a cache with checks, and what is checked when.
 *
 *   leaves its slab   it is free by the table; zones and poison are as the free left them
 *   is freed          the pointer is an object of this cache, and a live one; zones, and
 *                     what the constructor made, are untouched
 *   goes              (with its slab, or at the process's end) as when it leaves its slab
 *
 * What is found is reported and mended, so that a program that goes on can.
 */
#ifndef DEBUG_CHECK_H
#define DEBUG_CHECK_H

#include "slab/hooks.h"

void check_new_slab(const struct slab_layout *layout, struct page *slab);
void check_old_slab(const struct slab_layout *layout, struct page *slab);
bool check_allocated(const struct slab_layout *layout, void *object,
		     const struct alloc_request *request);
bool check_may_free(const struct slab_layout *layout, void *object, const void *caller);

/* Objects from the quarantine, QUARANTINE_EXITS_MAX at most: a look at them; now they are free. */
void check_held(const struct slab_layout *layout, void *const *objects, unsigned count);
void check_released(const struct slab_layout *layout, void *const *objects, unsigned count);

size_t check_usable(const struct slab_layout *layout, const void *object);
bool check_resize(const struct slab_layout *layout, void *object, size_t size);

/* One line for SLAB_TRACE, nothing without it. */
void trace_call(const struct slab_layout *layout, const char *what, const void *object,
		const void *caller);

#endif

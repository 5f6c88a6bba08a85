/*
 * fail.h: refuse on purpose: objects, pages, system calls (include/ukmem/debug.h).
 */
#ifndef DEBUG_FAIL_H
#define DEBUG_FAIL_H

#include <ukmem/debug.h>

#include "slab/hooks.h"

/* What the options ask for. At boot, after they were read. */
void fail_init(void);

/* The hook of caches with SLAB_FAILSLAB; true for others. */
bool may_alloc(const struct slab_layout *layout, const struct alloc_request *request);

#endif

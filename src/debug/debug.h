/*
 * debug.h: the floor's face: from flags to hooks.
 *
 * flag (letter)                   what it costs an object   what it finds
 * SLAB_CONSISTENCY_CHECKS (F)     4 bytes in a table        double and invalid frees, frees
 *                                                           into a wrong cache, objects whose
 *                                                           constructed state was destroyed
 * SLAB_RED_ZONE (Z)               16 bytes (of 40 or less   writes before and past the end
 *                                 8), and alignment
 * SLAB_POISON (P)                 nothing                   writes after free
 * SLAB_STORE_USER (U)             20 bytes in the table     who allocated and freed it
 * SLAB_TRACE (T)                  nothing                   a line for each call
 * SLAB_FAILSLAB (A)               nothing                   injected failures
 *
 * Any of F, Z, P and U brings the table, and with it the checks of F.
 */
#ifndef DEBUG_DEBUG_H
#define DEBUG_DEBUG_H

#include <ukmem/slab.h>

#include "slab/hooks.h"

#define SLAB_CHECK_FLAGS (SLAB_CONSISTENCY_CHECKS | SLAB_RED_ZONE | SLAB_POISON | SLAB_STORE_USER)

/* Ours, of init_on_alloc and init_on_free: bits that no flag of a cache has. */
#define SLAB_INIT_ALLOC 0x1u
#define SLAB_INIT_FREE  0x2u

/* Ours too: a sanitizer or Memcheck is told (shadow.h). */
#define SLAB_SHADOWED   0x4u

#define SLAB_HOOK_FLAGS (SLAB_CHECK_FLAGS | SLAB_TRACE | SLAB_FAILSLAB | SLAB_INIT_ALLOC | \
			 SLAB_INIT_FREE | SLAB_SHADOWED)

/* The flags of a cache that asked for @flags, by UKMEM_OPTIONS. */
slab_flags_t debug_flags(const char *name, slab_flags_t flags, bool has_ctor);

/* What the geometry must leave room for. */
void debug_geometry(slab_flags_t flags, struct layout_request *request);

/* Attach what @flags ask for to a finished layout. Under the registry's lock. */
void debug_attach(struct slab_layout *layout, slab_flags_t flags);

/*
 * The hooks of a cache that has had @now so far, and may be refused objects from now on
 * (SLAB_FAILSLAB in layout->checks). NULL: those it has can't.
 */
const struct slab_hooks *debug_failing(const struct slab_hooks *now);

/* Held back objects of @layout go home. */
void debug_release(struct slab_layout *layout);

/* Where objects that were held back go: their slabs. Set by a floor above. */
extern void (*debug_home)(struct slab_layout *layout, void *const *objects, unsigned count);

/* Look at every object of a slab; returns how many findings were reported. */
size_t debug_verify_slab(const struct page *slab);

#endif

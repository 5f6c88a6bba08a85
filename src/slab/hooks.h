/*
 * hooks.h: where checks attach.
 *
 * A cache with checks points at a table of these; a plain one at none. Its arrays have
 * limit 0, so each of its calls leaves the hit path by the door, and the question "are
 * there hooks?" is asked there only. The floors above carry the pointer; debug/ fills
 * the table in.
 *
 *    slab_dress ------> new_slab
 *    cpu_alloc_slow --> may_alloc, (an object from a slab), allocated
 *    cpu_free_slow ---> may_free, (the object to its slab)
 *    slab_release ----> old_slab
 *
 * All are called without locks, but for what a caller of kfree inside the library holds
 * (a cache's SLOTS lock).
 */
#ifndef SLAB_HOOKS_H
#define SLAB_HOOKS_H

#include <ukmem/gfp.h>

#include "pages/pages.h"
#include "slab/layout.h"

/* One allocation, as the hooks see it. */
struct alloc_request {
	gfp_t gfp;
	size_t size;            /* what the caller asked for: kmalloc's may be less than
				   the object */
	const void *caller;     /* the instruction behind the call into the library */
};

struct slab_hooks {
	/* A slab was made and constructed; nobody sees it yet. */
	void (*new_slab)(const struct slab_layout *layout, struct page *slab);

	/* A slab goes, its pages will be something else; NULL: nothing is to be done. */
	void (*old_slab)(const struct slab_layout *layout, struct page *slab);

	/* False: it fails, by injection. */
	bool (*may_alloc)(const struct slab_layout *layout, const struct alloc_request *request);

	/* @object was taken from its slab for the caller. False: it is none to be had. */
	bool (*allocated)(const struct slab_layout *layout, void *object,
			  const struct alloc_request *request);

	/* False: it does not go to its slab now: a mistake, or held back for a while. */
	bool (*may_free)(const struct slab_layout *layout, void *object, const void *caller);

	/* Bytes of a live object that its owner may use. */
	size_t (*usable)(const struct slab_layout *layout, const void *object);

	/* A live object keeps its place and gets another size; false: it must move. */
	bool (*resize)(const struct slab_layout *layout, void *object, size_t size);
};

/*
 * The cache's, NULL: none. Read once for each use: a recording (cache/recorder.c) comes and
 * goes while others are here.
 */
static inline const struct slab_hooks *hooks_of(const struct slab_layout *layout)
{
	return __atomic_load_n(&layout->hooks, __ATOMIC_ACQUIRE);
}

/* Bytes of a live object that its owner may use, with hooks or without. */
static inline size_t layout_usable(const struct slab_layout *layout, const void *object)
{
	const struct slab_hooks *hooks = hooks_of(layout);

	return hooks == NULL ? object_size_of(layout) : hooks->usable(layout, object);
}

#endif

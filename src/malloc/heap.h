/*
 * heap.h: what malloc and its kin do; the names of the C library are preload/'s.
 *
 *   size         to 32 KiB        a class: a kmem_cache "malloc-NNN", made when first used
 *                to 4 MiB         a run of pages, cut to size (pages/exact.h)
 *                above            a mapping of its own
 *
 * A pointer finds its way back by one byte per page (zone->classes): 0 nobody's, else
 * a class, or the first page of a run. Mappings are in a table of their own.
 *
 * All functions keep errno, but set it to ENOMEM or EINVAL where they return NULL.
 */
#ifndef MALLOC_HEAP_H
#define MALLOC_HEAP_H

#include "cache/cache.h"
#include "cpu/classes.h"
#include "malloc/heap_class.h"
#include "slab/hooks.h"

/* What a page's byte says; classes count from HEAP_CLASS_FIRST. */
enum { HEAP_NOTHING = 0, HEAP_CLASS_FIRST = 1, HEAP_RUN = 255, HEAP_IDS = 256 };

/*
 * Which cache serves. Where there is none (not made yet, no class at all) a stand-in
 * without arrays, so that the hit needs no test: its door is the way to all the rest.
 */
extern OURS struct kmem_cache *heap_small[HEAP_SMALL_ENTRIES];
extern OURS struct kmem_cache *heap_coarse[HEAP_COARSE_ENTRIES];
extern OURS struct kmem_cache *heap_of_id[HEAP_IDS];

/*
 * The doors. They are jumped to, so that their caller is that of malloc or free. @result is
 * what the sequence said; SEQ_EMPTY, too, where there was none.
 */
COLD void *heap_alloc_slow(size_t size, enum seq_result result);
COLD void heap_free_slow(void *block, enum seq_result result);

HOT_INLINE void *heap_alloc(size_t size)
{
	struct kmem_cache *cache;
	enum seq_result said;
	void *block;

	if (likely(size <= HEAP_SMALL_MAX))
		cache = heap_small[(size + HEAP_GRAIN - 1) / HEAP_GRAIN];
	else if (likely(size <= HEAP_CLASS_MAX))
		cache = heap_coarse[(size + HEAP_COARSE_GRAIN - 1) / HEAP_COARSE_GRAIN];
	else
		return heap_alloc_slow(size, SEQ_EMPTY);
	said = seq_pop(cache, &block);
	if (likely(said == SEQ_DONE))
		return block;
	return heap_alloc_slow(size, said);
}

/*
 * Of the first node's memory; the rest takes the door. So do NULL and, by the same
 * comparison, what is no multiple of the grain: rotated, it is beyond all memory.
 */
HOT_INLINE void heap_free(void *block)
{
	size_t offset = (size_t)((char *)block - zones[0].base);
	size_t grain = offset >> HEAP_GRAIN_SHIFT | offset << (64 - HEAP_GRAIN_SHIFT);
	enum seq_result said;
	unsigned class;

	if (unlikely(grain >= atomic_load_explicit(&zones[0].committed_grains,
						   memory_order_relaxed))) {
		heap_free_slow(block, SEQ_EMPTY);
		return;
	}
	class = page_class_at(&zones[0], block);
	said = class_push(CLASSES_OF_MALLOC, class, block);
	if (unlikely(said != SEQ_DONE))
		heap_free_slow(block, said);
}

/* All bytes are zero. NULL with ENOMEM when count * size overflows. */
void *heap_calloc(size_t count, size_t size);

/*
 * As realloc: in place while the class stays, by moving pages above 4 MiB. Size 0 frees
 * and returns NULL. @caller is for the report of a bad pointer.
 */
void *heap_realloc(void *block, size_t size, const void *caller);

/* @align is a power of two. */
void *heap_aligned(size_t align, size_t size);

/* Bytes that may be used: all of the class, run or mapping. 0 for NULL. */
size_t heap_usable(const void *block, const void *caller);

/* What heap_usable would say of a block of @size; 0: there can be none. @align as above. */
size_t heap_usable_of(size_t align, size_t size);

/*
 * It stays where it is and serves @most bytes, or else @least, or else what it did. Returns
 * its usable bytes then.
 */
size_t heap_resize_in_place(void *block, size_t least, size_t most, const void *caller);

/* ---- totals.c ----------------------------------------------------------------------- */

/* What is out, by kind; bytes as used up, not as asked for. */
struct heap_totals {
	size_t class_bytes, class_free_bytes, run_bytes, mapping_bytes;
	size_t mappings;
};
void heap_read_totals(struct heap_totals *totals);

/* Of one class, objects and slabs; all 0 while it has no cache. */
struct heap_class_totals {
	size_t active, free, slabs, per_slab, slab_bytes;
};
void heap_read_class(unsigned class, struct heap_class_totals *totals);

/* ---- For the files of this folder ------------------------------------------------- */

/* 0, or -ENOMEM. */
int heap_boot(void);

/* For boot_heap of who has malloc's names. */
int heap_init(void);

/* The byte of the page that @block is in; HEAP_NOTHING for a stranger. */
static inline unsigned heap_id_of(const void *block)
{
	const struct zone *zone = zone_of(block);

	if (unlikely(zone == NULL))
		return HEAP_NOTHING;
	return page_class_at(zone, block);
}

/*
 * Its page says @id, a class without checks, and it may be a block of it: how large such a one
 * is follows from @id, with no look at the slab.
 */
static inline bool heap_is_plain(const void *block, unsigned id)
{
	return id >= HEAP_CLASS_FIRST && id < HEAP_CLASS_FIRST + HEAP_CLASSES &&
	       hooks_of(&heap_of_id[id]->layout) == NULL && (uintptr_t)block % HEAP_GRAIN == 0;
}

/* Its page says @id, a class; if it is no block of that class, says so and aborts. */
void heap_check_block(const char *what, const void *block, unsigned id, const void *caller);

/* A block with checks (slab/hooks.h) stays, and has another size; false: it must move. */
bool heap_resize_checked(void *block, size_t size);

/* The program passed what malloc did not give: says so and aborts. */
NORETURN COLD void heap_bad_pointer(const char *what, const void *block, const void *caller);

/* A block of its own pages came to be, or to have another size: it may be a sample. */
void heap_sample_large(void *block, size_t size, const void *caller);

/*
 * runs.c: @align at most the run's own size. Bytes are rounded up to pages. A block inside
 * the first page of a run is none, and is reported.
 */
void *run_alloc(size_t size, size_t align, bool *zeroed);
void run_free(void *block, const void *caller);
size_t run_bytes(const char *what, const void *block, const void *caller);
bool run_resize(void *block, size_t size);      /* false: it must move */
size_t runs_total_bytes(void);

/* mapping.c */
void *mapping_alloc(size_t size, size_t align);
bool mapping_free(void *block);                 /* false: there is none at @block */
size_t mapping_bytes(const void *block);        /* 0: there is none */
void *mapping_resize(void *block, size_t size); /* NULL: refused, all as it was */
void mappings_total(size_t *count, size_t *bytes);

#endif

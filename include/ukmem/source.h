/*
 * source.h: pages from memory that the application brings.
 *
 * A source is a range of addresses of its own, and two functions: one puts memory behind
 * a part of the range, the other takes it away. A cache made with a source has all its
 * slabs there:
 *
 *     struct kmem_source *pinned = kmem_source_locked(64 << 20);
 *     struct kmem_cache *keys = kmem_cache_create("key", 64,
 *             &(struct kmem_cache_args){ .source = pinned }, 0);
 *
 * Free slabs leave as in every cache: shrink and the reaper give their pages back to the
 * source. When the source refuses, allocation ends with NULL and ENOMEM; no memory of
 * another kind ever stands in. docs/sources.md shows each kind at work.
 */
#ifndef UKMEM_SOURCE_H
#define UKMEM_SOURCE_H

#include <ukmem/slab.h>

#ifdef __cplusplus
extern "C" {
#endif

/*
 * Filled in by the application, which keeps it until it is unregistered.
 *
 * alloc and free are called without locks, by any thread, for parts that do not overlap:
 * multiples of @unit, aligned to it. They return 0 or -errno; whom alloc refuses gets
 * NULL, what free refuses stays. They may allocate, though not from this source.
 */
struct kmem_source {
	const char *name;
	void *base;             /* on a boundary of 4 MiB */
	size_t bytes;           /* a multiple of @unit, at most 1 TiB */
	size_t unit;            /* a power of two, 4 KiB .. 4 MiB; 0: 4 KiB */
	int node;               /* whose memory it is; NUMA_NO_NODE: it does not matter */
	bool zeroed;            /* what alloc makes usable reads as zero */
	bool shared;            /* a fork child would write to its parent's memory */
	int (*alloc)(struct kmem_source *source, void *address, size_t bytes);
				/* NULL: all the memory is there */
	int (*free)(struct kmem_source *source, void *address, size_t bytes);
				/* NULL: it stays until the source is unregistered */
	void *data;             /* the application's */

	void *zone;             /* the library's; NULL before and after */
};

/*
 * kmem_source_register - pages may come from @source.
 *
 * Returns 0; -EINVAL (a property is out of range, or the range overlaps another's),
 *         -ENOSPC (32 are registered) or -ENOMEM (no memory for descriptors: 65 bytes a
 *         page, of which only those in use are touched).
 * Cost    O(bytes / 4 MiB). Never from a signal handler.
 */
int kmem_source_register(struct kmem_source *source);

/*
 * kmem_source_unregister - give all memory back to @source and forget it.
 *
 * Returns 0; -EBUSY while a cache uses it, pages are out, or its free refuses; -EINVAL
 *         when it is not registered.
 */
int kmem_source_unregister(struct kmem_source *source);

/*
 * kmem_source_serve - @source has the pages of a gfp zone, __GFP_DMA or __GFP_DMA32:
 * those of alloc_pages with that flag, and of caches made from now on with
 * SLAB_CACHE_DMA or SLAB_CACHE_DMA32 (kmalloc's with __GFP_DMA are made by the first
 * such call). NULL: as it was, memory below 4 GiB for __GFP_DMA32, any for __GFP_DMA.
 *
 * Returns 0 or -EINVAL.
 */
int kmem_source_serve(struct kmem_source *source, gfp_t zone);

/* Bytes of the range that have memory behind them; bytes of those that are in use. */
size_t kmem_source_present(struct kmem_source *source);
size_t kmem_source_used(struct kmem_source *source);

/*
 * Sources that come with the library, registered and ready, of up to @bytes (rounded up
 * to 4 MiB).
 *
 *   kmem_source_low     addresses below 4 GiB, as __GFP_DMA32 has them
 *   kmem_source_locked  never swapped: mlock, within RLIMIT_MEMLOCK; not inherited by
 *                       fork children
 *   kmem_source_huge    huge pages of 2 MiB that the administrator reserved (Linux 5.16)
 *   kmem_source_shared  a memory file for other processes, which map kmem_source_fd and
 *                       find an object at its offset from the base. A fork child has
 *                       the memory, but allocates nothing from it, and its frees do
 *                       nothing: that is the parent's
 *
 * Return NULL with errno: ENOMEM (no such addresses, no such memory; a line in the log
 * says which), EOPNOTSUPP (huge, before Linux 5.16) or what the system said.
 */
struct kmem_source *kmem_source_low(size_t bytes);
struct kmem_source *kmem_source_locked(size_t bytes);
struct kmem_source *kmem_source_huge(size_t bytes);
struct kmem_source *kmem_source_shared(size_t bytes);

/*
 * The file behind kmem_source_shared, close-on-exec; -1 for another source. Once it is closed the
 * source gets no more memory, but can be used up and destroyed.
 */
int kmem_source_fd(const struct kmem_source *source);

/* kmem_source_destroy - unregister one of those and end it. Returns as unregister. */
int kmem_source_destroy(struct kmem_source *source);

#ifdef __cplusplus
}
#endif
#endif

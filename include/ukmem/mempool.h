/*
 * mempool.h: a guaranteed minimum, as in Linux.
 *
 * A pool keeps min_nr elements aside. mempool_alloc asks the allocator first; when that
 * refuses, it takes a kept one; when none is kept, and the caller may wait, it waits
 * until somebody frees one. So work that frees what it took goes on whatever the
 * system refuses: with GFP_KERNEL mempool_alloc never returns NULL.
 *
 *     mempool_t *bios = mempool_create_slab_pool(16, bio_cache);
 *     struct bio *bio = mempool_alloc(bios, GFP_KERNEL);
 *     mempool_free(bio, bios);
 *
 * Said once: any thread may call any function at any time but create, exit, destroy
 * and resize, which have the pool to themselves (resize: among resizes). Signals: only
 * mempool_alloc with GFP_ATOMIC or GFP_NOWAIT, over an allocator that may.
 */
#ifndef UKMEM_MEMPOOL_H
#define UKMEM_MEMPOOL_H

#include <ukmem/pages.h>

#ifdef __cplusplus
extern "C" {
#endif

/* What a pool is over: NULL when refused; and the way back. */
typedef void *(mempool_alloc_t)(gfp_t gfp, void *pool_data);
typedef void (mempool_free_t)(void *element, void *pool_data);

/* May stand in a struct of the user's: mempool_init. Read only, but by this library. */
typedef struct mempool_s {
	int min_nr;                     /* kept aside, */
	int curr_nr;                    /* and so many are there now */
	void **elements;
	void *pool_data;
	mempool_alloc_t *alloc;
	mempool_free_t *free;
	unsigned int freed;             /* changes when one comes back: who waits, waits here */
} mempool_t;

/*
 * mempool_create - a pool that keeps @min_nr elements (0 is 1) from @alloc_fn.
 *
 * Returns NULL with errno ENOMEM or EINVAL, and nothing taken. The _init forms fill a
 *         pool of the caller's and return 0, -ENOMEM or -EINVAL.
 */
mempool_t *mempool_create(int min_nr, mempool_alloc_t *alloc_fn, mempool_free_t *free_fn,
		void *pool_data);
mempool_t *mempool_create_node(int min_nr, mempool_alloc_t *alloc_fn,
		mempool_free_t *free_fn, void *pool_data, gfp_t gfp, int node);
int mempool_init(mempool_t *pool, int min_nr, mempool_alloc_t *alloc_fn,
		mempool_free_t *free_fn, void *pool_data);
int mempool_init_node(mempool_t *pool, int min_nr, mempool_alloc_t *alloc_fn,
		mempool_free_t *free_fn, void *pool_data, gfp_t gfp, int node);

/*
 * mempool_exit - free what is kept; destroy frees the pool too. Elements that are out
 * are the caller's to free. A pool of zeroes, and NULL for destroy, do nothing.
 */
void mempool_exit(mempool_t *pool);
void mempool_destroy(mempool_t *pool);

/*
 * mempool_resize - keep @new_min_nr (at least 1) from now on.
 *
 * Returns 0; -EINVAL or -ENOMEM with the pool as it was. What can't be had at once to
 * fill it comes with the next frees.
 */
int mempool_resize(mempool_t *pool, int new_min_nr);

/*
 * mempool_alloc - one element: the allocator's, or a kept one, or the next to come back.
 *
 * Returns NULL only when @gfp may not wait (no __GFP_DIRECT_RECLAIM), with errno
 *         ENOMEM. __GFP_ZERO is not served from what is kept: it is refused, EINVAL.
 * Cost    the allocator's; a lock only when that refuses.
 */
void *mempool_alloc(mempool_t *pool, gfp_t gfp);

/* mempool_alloc_preallocated - one of those kept; NULL with errno ENOMEM if there is none. */
void *mempool_alloc_preallocated(mempool_t *pool);

/*
 * mempool_alloc_bulk - fill @elements[0 .. @count), waiting as mempool_alloc(GFP_KERNEL)
 * does. What is kept is taken for all that lack or for none, so that two callers never
 * wait for what the other has of it.
 *
 * Returns 0; -EINVAL when @count is more than min_nr, with nothing taken.
 */
int mempool_alloc_bulk(mempool_t *pool, void **elements, unsigned int count);

/* mempool_free - give one back. NULL does nothing. Keeps errno. */
void mempool_free(void *element, mempool_t *pool);

/*
 * mempool_free_bulk - the pool takes what it is short of from @elements' beginning.
 *
 * Returns how many it took; the others are still the caller's, to free otherwise.
 */
unsigned int mempool_free_bulk(mempool_t *pool, void **elements, unsigned int count);

/* Was it initialised, and not ended since? */
static inline bool mempool_initialized(const mempool_t *pool)
{
	return pool->elements != NULL;
}

/* Is all that it keeps there? A moment's answer. */
static inline bool mempool_is_saturated(const mempool_t *pool)
{
	return __atomic_load_n(&pool->curr_nr, __ATOMIC_RELAXED) >= pool->min_nr;
}

/* ---- Pools of a cache's objects, of kmalloc's, kvmalloc's, and of pages ------------- */

/* @pool_data: the cache; the size; the size; the order. */
void *mempool_alloc_slab(gfp_t gfp, void *pool_data);
void mempool_free_slab(void *element, void *pool_data);
void *mempool_kmalloc(gfp_t gfp, void *pool_data);
void mempool_kfree(void *element, void *pool_data);
void *mempool_kvmalloc(gfp_t gfp, void *pool_data);
void mempool_kvfree(void *element, void *pool_data);
void *mempool_alloc_pages(gfp_t gfp, void *pool_data);
void mempool_free_pages(void *element, void *pool_data);

#define mempool_create_slab_pool(min_nr, cache) \
	mempool_create((min_nr), mempool_alloc_slab, mempool_free_slab, (void *)(cache))
#define mempool_create_kmalloc_pool(min_nr, size) \
	mempool_create((min_nr), mempool_kmalloc, mempool_kfree, (void *)(size_t)(size))
#define mempool_create_kvmalloc_pool(min_nr, size) \
	mempool_create((min_nr), mempool_kvmalloc, mempool_kvfree, (void *)(size_t)(size))
#define mempool_create_page_pool(min_nr, order) \
	mempool_create((min_nr), mempool_alloc_pages, mempool_free_pages, \
		       (void *)(size_t)(order))
#define mempool_init_slab_pool(pool, min_nr, cache) \
	mempool_init((pool), (min_nr), mempool_alloc_slab, mempool_free_slab, (void *)(cache))
#define mempool_init_kmalloc_pool(pool, min_nr, size) \
	mempool_init((pool), (min_nr), mempool_kmalloc, mempool_kfree, (void *)(size_t)(size))
#define mempool_init_kvmalloc_pool(pool, min_nr, size) \
	mempool_init((pool), (min_nr), mempool_kvmalloc, mempool_kvfree, (void *)(size_t)(size))
#define mempool_init_page_pool(pool, min_nr, order) \
	mempool_init((pool), (min_nr), mempool_alloc_pages, mempool_free_pages, \
		     (void *)(size_t)(order))

#ifdef __cplusplus
}
#endif
#endif

/*
 * mempool.c: a guaranteed minimum.
 *
 * Invariants, under leaf_lock:
 *   M1  0 <= curr_nr <= min_nr, and elements[0 .. curr_nr) are kept.
 *   M2  an element comes back to the pool first while curr_nr < min_nr, and `freed`
 *       changes after that: who saw none kept, and sleeps on the value from before he
 *       looked, is woken.
 *
 * The lock is taken only while the pool is short, or the allocator refuses.
 */
#include <ukmem/mempool.h>

#include <errno.h>
#include <string.h>

#include "cache/cache.h"
#include "os/wait.h"

/* The allocator is asked again that often: its memory may have come by another way. */
enum { PAUSE_MS = 50 };

static int load_nr(const int *nr)
{
	return __atomic_load_n(nr, __ATOMIC_RELAXED);
}

static void store_nr(int *nr, int value)
{
	__atomic_store_n(nr, value, __ATOMIC_RELAXED);
}

/* Keep @element if the pool is short of it. */
static bool keep(mempool_t *pool, void *element)
{
	bool kept = false;

	lock_take(&leaf_lock);
	if (pool->curr_nr < pool->min_nr) {
		pool->elements[pool->curr_nr] = element;
		store_nr(&pool->curr_nr, pool->curr_nr + 1);
		kept = true;
	}
	lock_drop(&leaf_lock);
	return kept;
}

/*
 * Who may not block and holds no lock has interrupted no holder: the lock is another thread's,
 * for a moment, and what is kept is his.
 */
static void *take_kept(mempool_t *pool, int least, bool may_block)
{
	void *element = NULL;

	if (load_nr(&pool->curr_nr) <= least ||
	    !lock_take_if(&leaf_lock, may_block || lock_depth == 0))
		return NULL;
	if (pool->curr_nr > least) {
		store_nr(&pool->curr_nr, pool->curr_nr - 1);
		element = pool->elements[pool->curr_nr];
	}
	lock_drop(&leaf_lock);
	return element;
}

/* ---- Making and giving up ----------------------------------------------------------- */

/* Until min_nr are kept; false when the allocator refuses. */
static bool fill(mempool_t *pool, gfp_t gfp)
{
	while (load_nr(&pool->curr_nr) < load_nr(&pool->min_nr)) {
		void *element = pool->alloc(gfp, pool->pool_data);

		if (element == NULL)
			return false;
		if (!keep(pool, element))
			pool->free(element, pool->pool_data);
	}
	return true;
}

PUBLIC int mempool_init_node(mempool_t *pool, int min_nr, mempool_alloc_t *alloc_fn,
		mempool_free_t *free_fn, void *pool_data, gfp_t gfp, int node)
{
	if (min_nr < 0 || alloc_fn == NULL || free_fn == NULL)
		return -EINVAL;
	min_nr = min_nr != 0 ? min_nr : 1;
	*pool = (mempool_t){ .min_nr = min_nr, .pool_data = pool_data, .alloc = alloc_fn,
			     .free = free_fn };
	pool->elements = kvmalloc_node((size_t)min_nr * sizeof(void *), gfp, node);
	if (pool->elements == NULL)
		return errno == EINVAL ? -EINVAL : -ENOMEM;
	if (!fill(pool, gfp)) {
		mempool_exit(pool);
		return -ENOMEM;
	}
	return 0;
}

PUBLIC int mempool_init(mempool_t *pool, int min_nr, mempool_alloc_t *alloc_fn,
		mempool_free_t *free_fn, void *pool_data)
{
	return mempool_init_node(pool, min_nr, alloc_fn, free_fn, pool_data, GFP_KERNEL,
				 NUMA_NO_NODE);
}

PUBLIC mempool_t *mempool_create_node(int min_nr, mempool_alloc_t *alloc_fn,
		mempool_free_t *free_fn, void *pool_data, gfp_t gfp, int node)
{
	mempool_t *pool = kmalloc_node(sizeof(*pool), gfp, node);
	int error;

	if (pool == NULL)
		return NULL;
	error = mempool_init_node(pool, min_nr, alloc_fn, free_fn, pool_data, gfp, node);
	if (error != 0) {
		kfree(pool);
		errno = -error;
		return NULL;
	}
	return pool;
}

PUBLIC mempool_t *mempool_create(int min_nr, mempool_alloc_t *alloc_fn,
		mempool_free_t *free_fn, void *pool_data)
{
	return mempool_create_node(min_nr, alloc_fn, free_fn, pool_data, GFP_KERNEL,
				   NUMA_NO_NODE);
}

PUBLIC void mempool_exit(mempool_t *pool)
{
	int kept_errno = errno;

	while (pool->curr_nr > 0)
		pool->free(pool->elements[--pool->curr_nr], pool->pool_data);
	kvfree(pool->elements);
	pool->elements = NULL;
	errno = kept_errno;
}

PUBLIC void mempool_destroy(mempool_t *pool)
{
	if (pool == NULL)
		return;
	mempool_exit(pool);
	kfree(pool);
}

/* ---- Another minimum ------------------------------------------------------------------ */

static void shrink_to(mempool_t *pool, int min_nr)
{
	void *element;

	lock_take(&leaf_lock);
	store_nr(&pool->min_nr, min_nr);
	lock_drop(&leaf_lock);
	while ((element = take_kept(pool, min_nr, true)) != NULL)
		pool->free(element, pool->pool_data);
}

static int grow_to(mempool_t *pool, int min_nr)
{
	void **larger = kvmalloc((size_t)min_nr * sizeof(void *), GFP_KERNEL), **old;

	if (larger == NULL)
		return -ENOMEM;
	lock_take(&leaf_lock);
	old = pool->elements;
	for (int i = 0; i < pool->curr_nr; i++)
		larger[i] = old[i];
	pool->elements = larger;
	store_nr(&pool->min_nr, min_nr);
	lock_drop(&leaf_lock);
	kvfree(old);
	fill(pool, GFP_KERNEL);
	return 0;
}

/* The array of a pool that shrinks stays as long as it is. */
PUBLIC int mempool_resize(mempool_t *pool, int new_min_nr)
{
	int kept_errno = errno, error = 0;

	if (new_min_nr < 1)
		return -EINVAL;
	if (new_min_nr <= pool->min_nr)
		shrink_to(pool, new_min_nr);
	else
		error = grow_to(pool, new_min_nr);
	errno = kept_errno;
	return error;
}

/* ---- Taking and giving ------------------------------------------------------------------ */

/* The allocator need not go to lengths: something is kept. */
static gfp_t easily(gfp_t gfp)
{
	return (gfp & ~__GFP_NOFAIL) | __GFP_NOWARN | __GFP_NORETRY | __GFP_NOMEMALLOC;
}

PUBLIC void *mempool_alloc(mempool_t *pool, gfp_t gfp)
{
	bool may_block = gfp_may_block(gfp);
	int kept_errno = errno;
	void *element;

	if (gfp & __GFP_ZERO) {
		errno = EINVAL;
		return NULL;
	}
	for (;;) {
		unsigned freed = __atomic_load_n(&pool->freed, __ATOMIC_ACQUIRE);

		element = pool->alloc(easily(gfp), pool->pool_data);
		if (element == NULL)
			element = take_kept(pool, 0, may_block);
		if (element != NULL || !may_block)
			break;
		wait_while(&pool->freed, freed, PAUSE_MS);
	}
	errno = element != NULL ? kept_errno : ENOMEM;
	return element;
}

PUBLIC void *mempool_alloc_preallocated(mempool_t *pool)
{
	void *element = take_kept(pool, 0, true);

	if (element == NULL)
		errno = ENOMEM;
	return element;
}

/* All @count of those kept, or none. */
static bool take_all_kept(mempool_t *pool, void **elements, unsigned count)
{
	bool enough;

	lock_take(&leaf_lock);
	enough = pool->curr_nr >= (int)count;
	if (enough) {
		store_nr(&pool->curr_nr, pool->curr_nr - (int)count);
		memcpy(elements, pool->elements + pool->curr_nr, count * sizeof(void *));
	}
	lock_drop(&leaf_lock);
	return enough;
}

PUBLIC int mempool_alloc_bulk(mempool_t *pool, void **elements, unsigned count)
{
	int kept_errno = errno;
	unsigned got = 0;

	if (count > (unsigned)load_nr(&pool->min_nr))
		return -EINVAL;
	for (;;) {
		unsigned freed = __atomic_load_n(&pool->freed, __ATOMIC_ACQUIRE);

		while (got < count &&
		       (elements[got] = pool->alloc(easily(GFP_KERNEL), pool->pool_data)) != NULL)
			got++;
		if (got == count || take_all_kept(pool, elements + got, count - got))
			break;
		wait_while(&pool->freed, freed, PAUSE_MS);
	}
	errno = kept_errno;
	return 0;
}

PUBLIC unsigned mempool_free_bulk(mempool_t *pool, void **elements, unsigned count)
{
	unsigned kept = 0;

	while (kept < count && load_nr(&pool->curr_nr) < load_nr(&pool->min_nr) &&
	       keep(pool, elements[kept]))
		kept++;
	if (kept != 0) {
		__atomic_fetch_add(&pool->freed, 1, __ATOMIC_RELEASE);
		wake(&pool->freed, WAKE_ALL);
	}
	return kept;
}

PUBLIC void mempool_free(void *element, mempool_t *pool)
{
	if (element != NULL && mempool_free_bulk(pool, &element, 1) == 0)
		pool->free(element, pool->pool_data);
}

/* ---- Usual kinds -------------------------------------------------------------------------- */

PUBLIC void *mempool_alloc_slab(gfp_t gfp, void *pool_data)
{
	return kmem_cache_alloc(pool_data, gfp);
}

PUBLIC void mempool_free_slab(void *element, void *pool_data)
{
	kmem_cache_free(pool_data, element);
}

PUBLIC void *mempool_kmalloc(gfp_t gfp, void *pool_data)
{
	return kmalloc((size_t)pool_data, gfp);
}

PUBLIC void mempool_kfree(void *element, void *pool_data UNUSED)
{
	kfree(element);
}

PUBLIC void *mempool_kvmalloc(gfp_t gfp, void *pool_data)
{
	return kvmalloc((size_t)pool_data, gfp);
}

PUBLIC void mempool_kvfree(void *element, void *pool_data UNUSED)
{
	kvfree(element);
}

PUBLIC void *mempool_alloc_pages(gfp_t gfp, void *pool_data)
{
	return alloc_pages(gfp, (unsigned)(size_t)pool_data);
}

PUBLIC void mempool_free_pages(void *element, void *pool_data)
{
	__free_pages(element, (unsigned)(size_t)pool_data);
}

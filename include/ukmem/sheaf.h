/*
 * sheaf.h: objects taken in advance, as in Linux 6.18.
 *
 * Code that is about to take locks, and can't fail or wait after that, takes what it
 * will need first: a sheaf of objects. Each allocation from it is a pop.
 *
 *     struct slab_sheaf *sheaf = kmem_cache_prefill_sheaf(nodes, GFP_KERNEL, 10);
 *     lock();
 *     node = kmem_cache_alloc_from_sheaf(nodes, GFP_NOWAIT, sheaf);    not NULL, 10 times
 *     unlock();
 *     kmem_cache_return_sheaf(nodes, GFP_KERNEL, sheaf);
 *
 * A sheaf has one user at a time. @cache is the cache it was made of, each time.
 */
#ifndef UKMEM_SHEAF_H
#define UKMEM_SHEAF_H

#include <ukmem/slab.h>

#ifdef __cplusplus
extern "C" {
#endif

struct slab_sheaf;

/*
 * kmem_cache_prefill_sheaf - a sheaf of @size objects, 1 .. 1 << 18.
 *
 * Returns NULL with errno EINVAL (a size out of range) or ENOMEM; then nothing is
 *         taken.
 * Cost    @size allocations, and one for the sheaf.
 */
struct slab_sheaf *kmem_cache_prefill_sheaf(struct kmem_cache *cache, gfp_t gfp,
		unsigned int size);

/*
 * kmem_cache_refill_sheaf - *@sheaf holds at least @size objects after this.
 *
 * It may be exchanged for a larger one.
 * Returns 0; -EINVAL or -ENOMEM with the sheaf as it was.
 */
int kmem_cache_refill_sheaf(struct kmem_cache *cache, gfp_t gfp, struct slab_sheaf **sheaf,
		unsigned int size);

/* kmem_cache_return_sheaf - free what is left in it, and itself. NULL does nothing. */
void kmem_cache_return_sheaf(struct kmem_cache *cache, gfp_t gfp, struct slab_sheaf *sheaf);

/*
 * kmem_cache_alloc_from_sheaf - pop one; NULL with errno ENOMEM when it is empty.
 * Of @gfp only __GFP_ZERO counts.
 */
void *kmem_cache_alloc_from_sheaf(struct kmem_cache *cache, gfp_t gfp,
		struct slab_sheaf *sheaf);

/* How many objects are left in it; 0 for NULL. */
unsigned int kmem_cache_sheaf_size(struct slab_sheaf *sheaf);

#ifdef __cplusplus
}
#endif
#endif

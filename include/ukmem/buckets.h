/*
 * buckets.h: a kmalloc of one's own, as in Linux 6.11.
 *
 * Objects whose size an outsider chooses (messages, attributes) are what attackers
 * place beside a victim. A set of buckets is all of kmalloc's sizes once more, shared
 * with nobody. Freed with kfree or kvfree.
 */
#ifndef UKMEM_BUCKETS_H
#define UKMEM_BUCKETS_H

#include <ukmem/slab.h>

#ifdef __cplusplus
extern "C" {
#endif

typedef struct kmem_buckets kmem_buckets;

/*
 * kmem_buckets_create - caches NAME-32 .. NAME-4M, never merged.
 *
 * Arguments as kmem_cache_create_usercopy; a size that ends inside the window gets the
 * part of it that fits.
 * Returns NULL with errno EINVAL or ENOMEM, and nothing made.
 * Cost    20 caches; no slab before the first allocation.
 */
kmem_buckets *kmem_buckets_create(const char *name, slab_flags_t flags,
		unsigned int useroffset, unsigned int usersize, void (*ctor)(void *object));

/* kmem_buckets_destroy - as kmem_cache_destroy, of all. NULL does nothing. */
void kmem_buckets_destroy(kmem_buckets *buckets);

/* kmem_buckets_alloc - as kmalloc. @buckets NULL: kmalloc itself. */
void *kmem_buckets_alloc(kmem_buckets *buckets, size_t size, gfp_t gfp);

/* kmem_buckets_valloc - as kvmalloc: pages of its own above 4 MiB and where there is no room. */
void *kmem_buckets_valloc(kmem_buckets *buckets, size_t size, gfp_t gfp);

#ifdef __cplusplus
}
#endif
#endif

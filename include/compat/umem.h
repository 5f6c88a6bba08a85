/*
 * umem.h: Solaris's umem(3LIB), as OpenZFS's libraries (libzpool) use it, over ukmem.
 *
 * Inline functions alone: compile with -I.../compat and link with -lukmem. What
 * differs from Solaris is as in OpenZFS's own stand-in: a constructor runs at each
 * allocation and the destructor at each free (they have an argument that a slab's
 * constructor has not), and no bytes are something: not NULL, not to be used.
 */
#ifndef UKMEM_COMPAT_UMEM_H
#define UKMEM_COMPAT_UMEM_H

#include <errno.h>
#include <stdlib.h>
#include <ukmem/shrinker.h>
#include <ukmem/slab.h>

#define UMEM_DEFAULT        0x0000
#define UMEM_NOFAIL         0x0100
#define UMEM_CALLBACK_RETRY 0
#define UMEM_CALLBACK_EXIT(status) (0x100 | ((status) & 0xff))

#define UMC_NOTOUCH    0x00010000
#define UMC_NODEBUG    0x00020000
#define UMC_NOMAGAZINE 0x00040000
#define UMC_NOHASH     0x00080000

typedef int umem_nofail_callback_t(void);
typedef int umem_constructor_t(void *object, void *private_data, int flags);
typedef void umem_destructor_t(void *object, void *private_data);
typedef void umem_reclaim_t(void *private_data);

typedef struct umem_cache {
	struct kmem_cache *objects;     /* NULL: larger than slabs, see below */
	size_t size;
	umem_constructor_t *constructor;
	umem_destructor_t *destructor;
	umem_reclaim_t *reclaim;
	void *private_data;
	struct shrinker shrinker;
} umem_cache_t;

/* One for the whole program, whichever file sets it. */
__attribute__((weak)) umem_nofail_callback_t *ukmem_umem_nofail;

static inline void umem_nofail_callback(umem_nofail_callback_t *callback)
{
	ukmem_umem_nofail = callback;
}

/* An allocation that may not fail has failed: whether to try again. */
static inline int ukmem_umem_again(int flags)
{
	int answer;

	if (!(flags & UMEM_NOFAIL))
		return 0;
	answer = ukmem_umem_nofail != NULL ? ukmem_umem_nofail() : UMEM_CALLBACK_EXIT(255);
	if (answer != UMEM_CALLBACK_RETRY)
		exit(answer & 0xff);
	return 1;
}

static inline void *ukmem_umem_take(size_t size, int flags, gfp_t gfp)
{
	void *object;

	do
		object = kvmalloc(size, gfp);
	while (object == NULL && ukmem_umem_again(flags));
	return object;
}

static inline void *umem_alloc(size_t size, int flags)
{
	return ukmem_umem_take(size, flags, GFP_KERNEL);
}

static inline void *umem_zalloc(size_t size, int flags)
{
	return ukmem_umem_take(size, flags, GFP_KERNEL | __GFP_ZERO);
}

/* A power of two is aligned to itself; a mapping to a page. NULL beyond that. */
static inline void *umem_alloc_aligned(size_t size, size_t align, int flags)
{
	size_t room = 32;

	if (align == 0 || (align & (align - 1)) != 0 ||
	    (align > 4096 && (size > KMALLOC_MAX_SIZE || align > KMALLOC_MAX_SIZE))) {
		errno = EINVAL;
		return NULL;
	}
	while (room < size && room < KMALLOC_MAX_SIZE)
		room *= 2;
	if (room < align)
		room = align;
	return umem_alloc(size > KMALLOC_MAX_SIZE ? size : room, flags);
}

static inline void umem_free(const void *object, size_t size)
{
	(void)size;
	kvfree(object);
}

static inline void umem_free_aligned(void *object, size_t size)
{
	(void)size;
	kvfree(object);
}

static inline unsigned long ukmem_umem_one(struct shrinker *shrinker, struct shrink_control *sc)
{
	(void)shrinker;
	(void)sc;
	return 1;
}

static inline unsigned long ukmem_umem_reclaim(struct shrinker *shrinker,
					       struct shrink_control *sc)
{
	umem_cache_t *cache = (umem_cache_t *)shrinker->private_data;

	(void)sc;
	cache->reclaim(cache->private_data);
	return SHRINK_STOP;
}

/*
 * NULL with errno as kmem_cache_create, or ENOMEM. @vmem and @flags are accepted. Objects
 * above KMALLOC_MAX_SIZE (libzpool has some of 16 MiB) are mappings of their own.
 */
static inline umem_cache_t *umem_cache_create(const char *name, size_t size, size_t align,
		umem_constructor_t *constructor, umem_destructor_t *destructor,
		umem_reclaim_t *reclaim, void *private_data, void *vmem, int flags)
{
	umem_cache_t *cache = (umem_cache_t *)kzalloc(sizeof(*cache), GFP_KERNEL);

	(void)vmem;
	(void)flags;
	if (cache == NULL)
		return NULL;
	cache->size = size;
	if (size <= KMALLOC_MAX_SIZE || align > 4096)
		cache->objects = kmem_cache_create(name, (unsigned)size, (unsigned)align, 0, NULL);
	if (cache->objects == NULL && (size <= KMALLOC_MAX_SIZE || align > 4096)) {
		kfree(cache);
		return NULL;
	}
	cache->constructor = constructor;
	cache->destructor = destructor;
	cache->reclaim = reclaim;
	cache->private_data = private_data;
	cache->shrinker.private_data = cache;
	cache->shrinker.count_objects = ukmem_umem_one;
	cache->shrinker.scan_objects = ukmem_umem_reclaim;
	if (reclaim != NULL)
		shrinker_register(&cache->shrinker);
	return cache;
}

static inline void umem_cache_destroy(umem_cache_t *cache)
{
	if (cache->reclaim != NULL)
		shrinker_free(&cache->shrinker);
	kmem_cache_destroy(cache->objects);
	kfree(cache);
}

static inline void ukmem_umem_give(umem_cache_t *cache, void *object)
{
	if (cache->objects != NULL)
		kmem_cache_free(cache->objects, object);
	else
		kvfree(object);
}

static inline void *umem_cache_alloc(umem_cache_t *cache, int flags)
{
	void *object;

	do {
		object = cache->objects != NULL ? kmem_cache_alloc(cache->objects, GFP_KERNEL) :
			 kvmalloc(cache->size, GFP_KERNEL);
		if (object != NULL && cache->constructor != NULL &&
		    cache->constructor(object, cache->private_data, flags) != 0) {
			ukmem_umem_give(cache, object);
			object = NULL;
		}
	} while (object == NULL && ukmem_umem_again(flags));
	return object;
}

static inline void umem_cache_free(umem_cache_t *cache, void *object)
{
	if (cache->destructor != NULL)
		cache->destructor(object, cache->private_data);
	ukmem_umem_give(cache, object);
}

static inline void umem_cache_reap_now(umem_cache_t *cache)
{
	kmem_cache_shrink(cache->objects);
}

#endif

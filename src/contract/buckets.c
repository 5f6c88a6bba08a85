/*
 * buckets.c: kmalloc's sizes once more, for one user.
 */
#include <ukmem/buckets.h>

#include <errno.h>
#include <stdio.h>
#include <string.h>

#include "base/bits.h"
#include "cache/cache.h"
#include "cpu/hooked.h"
#include "malloc/size_class.h"
#include "malloc/vmalloc.h"
#include "slab/hooks.h"

struct kmem_buckets {
	struct kmem_cache *caches[KMALLOC_CLASSES];
};

static struct kmem_cache *create_bucket(const struct cache_request *all, unsigned bytes)
{
	unsigned offset = (unsigned)min_size(all->useroffset, bytes);
	struct cache_request request = *all;
	char name[NAME_BYTES];

	size_class_name(name, sizeof(name), all->name, bytes);
	request.name = name;
	request.size = bytes;
	request.align = bytes % 96 == 0 ? 0 : bytes;
	request.useroffset = offset;
	request.usersize = (unsigned)min_size(all->usersize, bytes - offset);
	return cache_request(&request);
}

static bool create_all(kmem_buckets *buckets, const struct cache_request *all)
{
	for (unsigned index = 0; index < KMALLOC_CLASSES; index++) {
		if (!kmalloc_index_exists(index))
			continue;
		buckets->caches[index] = create_bucket(all, kmalloc_index_bytes(index));
		if (buckets->caches[index] == NULL)
			return false;
	}
	return true;
}

PUBLIC kmem_buckets *kmem_buckets_create(const char *name, slab_flags_t flags,
		unsigned useroffset, unsigned usersize, void (*ctor)(void *))
{
	struct cache_request all = {
		.name = name, .flags = flags | SLAB_HWCACHE_ALIGN, .useroffset = useroffset,
		.usersize = usersize, .ctor = ctor, .no_merge = true,
	};
	kmem_buckets *buckets;

	if (name == NULL || name[0] == '\0') {
		errno = EINVAL;
		return NULL;
	}
	buckets = kzalloc(sizeof(*buckets), GFP_KERNEL);
	if (buckets != NULL && !create_all(buckets, &all)) {
		kmem_buckets_destroy(buckets);
		buckets = NULL;
	}
	return buckets;
}

PUBLIC void kmem_buckets_destroy(kmem_buckets *buckets)
{
	int kept_errno = errno;

	if (buckets == NULL)
		return;
	for (unsigned index = 0; index < KMALLOC_CLASSES; index++)
		kmem_cache_destroy(buckets->caches[index]);
	kfree(buckets);
	errno = kept_errno;
}

/* As kmalloc: caches with hooks get to know the size that was asked for. */
PUBLIC void *kmem_buckets_alloc(kmem_buckets *buckets, size_t size, gfp_t gfp)
{
	struct kmem_cache *cache;

	if (buckets == NULL || size == 0 || size > KMALLOC_MAX_SIZE)
		return kmalloc(size, gfp);
	cache = buckets->caches[kmalloc_index(size)];
	if (unlikely(hooks_of(&cache->layout) != NULL))
		return cpu_alloc_hooked(&cache->cpu, gfp, size, NUMA_NO_NODE,
					__builtin_return_address(0));
	return kmem_cache_alloc(cache, gfp);
}

PUBLIC void *kmem_buckets_valloc(kmem_buckets *buckets, size_t size, gfp_t gfp)
{
	if (size > KMALLOC_MAX_SIZE)
		return kvmalloc(size, gfp);
	return object_or_mapping(kmem_buckets_alloc(buckets, size, gfp_unless_mapped(gfp)), size, gfp);
}

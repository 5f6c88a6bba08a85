/*
 * slabinfo's write form: any text is an error that changes nothing, or tunables in range.
 */
#include <ukmem/slab.h>

#include <errno.h>

#include "base/check.h"
#include "cache/cache.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	static struct kmem_cache *cache;
	unsigned limit, batchcount, shared;
	ssize_t written;
	void *object;

	if (cache == NULL)
		cache = kmem_cache_create_usercopy("c", 64, 0, 0, 0, 1, NULL);
	limit = cache->cpu.limit;
	batchcount = cache->cpu.batchcount;
	shared = cache->cpu.shared;
	written = slabinfo_write((const char *)data, size);
	slab_assert(written == (ssize_t)size || written == -EINVAL || written == -ENOMEM);
	if (written < 0)
		slab_assert(cache->cpu.limit == limit && cache->cpu.batchcount == batchcount &&
			    cache->cpu.shared == shared);
	slab_assert(cache->cpu.limit >= 1 && cache->cpu.limit <= ARRAY_LIMIT_MAX &&
		    cache->cpu.batchcount >= 1 && cache->cpu.batchcount <= cache->cpu.limit);
	object = kmem_cache_alloc(cache, GFP_KERNEL);
	kmem_cache_free(cache, object);
	return 0;
}

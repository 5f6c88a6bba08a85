/*
 * kmalloc.c: objects by size, from caches like all others.
 *
 * Three types: normal, reclaimable and DMA. The normal caches exist from boot on,
 * the others from their first use.
 */
#include <errno.h>
#include <stdio.h>
#include <string.h>

#include "base/check.h"
#include "cache/cache.h"
#include "malloc/size_class.h"

enum kmalloc_type { KMALLOC_NORMAL, KMALLOC_RECLAIM, KMALLOC_DMA, KMALLOC_TYPES };

static const struct {
	const char *prefix;
	slab_flags_t flags;
} types[KMALLOC_TYPES] = {
	[KMALLOC_NORMAL] = { "kmalloc", 0 },
	[KMALLOC_RECLAIM] = { "kmalloc-rcl", SLAB_RECLAIM_ACCOUNT },
	[KMALLOC_DMA] = { "dma-kmalloc", SLAB_CACHE_DMA },
};

static struct kmem_cache *_Atomic kmalloc_caches[KMALLOC_TYPES][KMALLOC_CLASSES];

/* DMA wins over reclaimable, as in Linux. */
static enum kmalloc_type kmalloc_type(gfp_t gfp)
{
	if (likely((gfp & (__GFP_DMA | __GFP_RECLAIMABLE)) == 0))
		return KMALLOC_NORMAL;
	return gfp & __GFP_DMA ? KMALLOC_DMA : KMALLOC_RECLAIM;
}

/* "kmalloc-96", "kmalloc-rcl-2k", "dma-kmalloc-4M" */
static void class_name(char *name, size_t room, enum kmalloc_type type, unsigned bytes)
{
	const char *unit = bytes >= 1 << 20 ? "M" : bytes >= 1 << 10 ? "k" : "";
	unsigned shift = bytes >= 1 << 20 ? 20 : bytes >= 1 << 10 ? 10 : 0;

	snprintf(name, room, "%s-%u%s", types[type].prefix, bytes >> shift, unit);
}

/* Powers of two are aligned to themselves. */
static int create_class(enum kmalloc_type type, unsigned index)
{
	unsigned bytes = kmalloc_index_bytes(index);
	char name[32];
	struct cache_request request = {
		.name = name,
		.size = bytes,
		.align = bytes % 96 == 0 ? 0 : bytes,
		.flags = SLAB_HWCACHE_ALIGN | types[type].flags,
		.usersize = bytes,
	};
	struct kmem_cache *cache;
	int error;

	class_name(name, sizeof(name), type, bytes);
	error = cache_create(&request, REFCOUNT_BOOT, &cache);
	if (error == 0)
		atomic_store_explicit(&kmalloc_caches[type][index], cache, memory_order_release);
	return error;
}

/* Small ones first: the free lists of larger ones live in them. */
int kmalloc_init(void)
{
	static const uint8_t odd[] = { KMALLOC_INDEX_96, KMALLOC_INDEX_192 };
	int error = 0;

	for (unsigned index = KMALLOC_SHIFT_LOW; index <= KMALLOC_SHIFT_HIGH && error == 0; index++)
		if (kmalloc_caches[KMALLOC_NORMAL][index] == NULL)
			error = create_class(KMALLOC_NORMAL, index);
	for (unsigned i = 0; i < ARRAY_LENGTH(odd) && error == 0; i++)
		if (kmalloc_caches[KMALLOC_NORMAL][odd[i]] == NULL)
			error = create_class(KMALLOC_NORMAL, odd[i]);
	return error;
}

/* The first request of its kind. Who may not block gets a normal cache, if any yet. */
static COLD struct kmem_cache *missing_class(enum kmalloc_type type, unsigned index, gfp_t gfp)
{
	if (gfp_may_block(gfp)) {
		if (boot_ensure() != 0)
			return NULL;
		lock_take(&registry_lock);
		if (kmalloc_caches[type][index] == NULL)
			create_class(type, index);
		lock_drop(&registry_lock);
	}
	if (kmalloc_caches[type][index] == NULL)
		type = KMALLOC_NORMAL;
	return kmalloc_caches[type][index];
}

/* The cache that serves @size; NULL for 0, above 4 MiB, and when it is refused. */
HOT_INLINE struct kmem_cache *kmalloc_slab(size_t size, gfp_t gfp)
{
	enum kmalloc_type type = kmalloc_type(gfp);
	struct kmem_cache *cache;
	unsigned index;

	if (unlikely(size - 1 >= KMALLOC_MAX_SIZE))
		return NULL;
	index = kmalloc_index(size);
	cache = atomic_load_explicit(&kmalloc_caches[type][index], memory_order_acquire);
	return likely(cache != NULL) ? cache : missing_class(type, index, gfp);
}

/* What kmalloc returns then. */
static COLD void *no_cache_for(size_t size)
{
	if (size == 0)
		return ZERO_SIZE_PTR;
	errno = ENOMEM;
	return NULL;
}

PUBLIC void *kmalloc(size_t size, gfp_t gfp)
{
	struct kmem_cache *cache = kmalloc_slab(size, gfp);

	if (unlikely(cache == NULL))
		return no_cache_for(size);
	return cpu_alloc(&cache->cpu, gfp);
}

PUBLIC void *kmalloc_node(size_t size, gfp_t gfp, int node)
{
	struct kmem_cache *cache = kmalloc_slab(size, gfp);

	if (unlikely(cache == NULL))
		return no_cache_for(size);
	return kmem_cache_alloc_node(cache, gfp, node);
}

/* The slab of a pointer that must be in one. */
static struct page *slab_of_pointer(const void *object, const char *caller)
{
	struct page *slab = virt_to_head_page(object);

	if (unlikely(slab == NULL || slab->state != PAGE_SLAB))
		slab_panic("%s of %p, which is in no slab", caller, object);
	return slab;
}

PUBLIC void kfree(const void *object)
{
	struct page *slab;

	if (unlikely(ZERO_OR_NULL_PTR(object)))
		return;
	slab = slab_of_pointer(object, "kfree");
	cpu_free(&cache_of_layout(slab->layout)->cpu, (void *)object);
}

PUBLIC void kfree_bulk(size_t count, void **objects)
{
	for (size_t i = 0; i < count; i++)
		kfree(objects[i]);
}

PUBLIC size_t ksize(const void *object)
{
	if (unlikely(ZERO_OR_NULL_PTR(object)))
		return 0;
	return slab_of_pointer(object, "ksize")->layout->object_size;
}

/* A compiler may not drop the clearing of what is freed next. */
PUBLIC void kfree_sensitive(const void *object)
{
	if (unlikely(ZERO_OR_NULL_PTR(object)))
		return;
	explicit_bzero((void *)object, ksize(object));
	kfree(object);
}

/* ---- Off-slab free lists, for the layouts of large objects ------------------------ */

/*
 * Only sizes whose caches keep their own lists on the slab or in an object; a list is
 * 255 bytes at most. The cache's stride counts: 128 for kmalloc-96.
 */
static size_t source_size_of(size_t bytes)
{
	return bytes > 64 && bytes <= 96 ? 128 : kmalloc_index_bytes(kmalloc_index(bytes));
}

static void *source_take(size_t bytes, unsigned node, bool may_block)
{
	return kmalloc_node(bytes, (may_block ? GFP_KERNEL : GFP_NOWAIT), (int)node);
}

static void source_give(void *list)
{
	struct page *slab = slab_of_pointer(list, "release of a slab");

	cpu_free_quiet(&cache_of_layout(slab->layout)->cpu, list);
}

const struct slab_source kmalloc_source = {
	.size_of = source_size_of,
	.take = source_take,
	.give = source_give,
};

/*
 * kmalloc.c: objects by size, from caches like all others.
 *
 * Four types: normal, reclaimable, DMA, and accounted (SLAB_ACCOUNT). The normal caches
 * exist from boot on, the accounted ones from the first group on, the others from their
 * first use.
 *
 * Two tables are all that a hit goes by: kmalloc's by size, for the normal caches, and
 * kfree's by the byte that each page of a kmalloc cache has (cpu/classes.h). What they
 * do not know takes the slow form, which knows all.
 */
#include <errno.h>
#include <stdio.h>
#include <string.h>

#include "account/group.h"
#include "base/check.h"
#include "base/probe.h"
#include "cache/cache.h"
#include "cpu/classes.h"
#include "cpu/hooked.h"
#include "debug/guard.h"
#include "malloc/size_class.h"
#include "pages/source.h"
#include "slab/hooks.h"

enum kmalloc_type { KMALLOC_NORMAL, KMALLOC_RECLAIM, KMALLOC_DMA, KMALLOC_CGROUP, KMALLOC_TYPES };

static const struct {
	const char *prefix;
	slab_flags_t flags;
} types[KMALLOC_TYPES] = {
	[KMALLOC_NORMAL] = { "kmalloc", 0 },
	[KMALLOC_RECLAIM] = { "kmalloc-rcl", SLAB_RECLAIM_ACCOUNT },
	[KMALLOC_DMA] = { "dma-kmalloc", SLAB_CACHE_DMA },
	[KMALLOC_CGROUP] = { "kmalloc-cg", SLAB_ACCOUNT },
};

static struct kmem_cache *_Atomic kmalloc_caches[KMALLOC_TYPES][KMALLOC_CLASSES] RARELY_USED;

/*
 * Caches with hooks for good stand here instead: a request that finds nothing there comes
 * this way, and so they get to know the size it asked for.
 */
static struct kmem_cache *_Atomic hooked_caches[KMALLOC_TYPES][KMALLOC_CLASSES] RARELY_USED;

/* DMA wins over reclaimable, and that over accounted, as in Linux. */
static enum kmalloc_type kmalloc_type(gfp_t gfp)
{
	if (likely((gfp & (__GFP_DMA | __GFP_RECLAIMABLE | __GFP_ACCOUNT)) == 0))
		return KMALLOC_NORMAL;
	if (gfp & __GFP_DMA)
		return KMALLOC_DMA;
	if (gfp & __GFP_RECLAIMABLE)
		return KMALLOC_RECLAIM;
	return accounting_on ? KMALLOC_CGROUP : KMALLOC_NORMAL;
}

/* "kmalloc-96", "kmalloc-rcl-2k", "dma-kmalloc-4M" */
void size_class_name(char *name, size_t room, const char *prefix, unsigned bytes)
{
	const char *unit = bytes >= 1 << 20 ? "M" : bytes >= 1 << 10 ? "k" : "";
	unsigned shift = bytes >= 1 << 20 ? 20 : bytes >= 1 << 10 ? 10 : 0;

	snprintf(name, room, "%s-%u%s", prefix, bytes >> shift, unit);
}

enum {
	TABLE_GRAIN = 32,               /* divides every class's size */
	TABLE_MAX = 8192,
};

static struct kmem_cache *_Atomic by_size[TABLE_MAX / TABLE_GRAIN + 1] RARELY_USED;

static unsigned page_class(enum kmalloc_type type, unsigned index)
{
	return KMALLOC_CLASS_FIRST + type * KMALLOC_CLASSES + index;
}

/* The sizes that a normal class serves: those whose index it is. */
static void enter_by_size(unsigned index, struct kmem_cache *cache)
{
	for (size_t i = 1; i < ARRAY_LENGTH(by_size); i++)
		if (kmalloc_index(i * TABLE_GRAIN) == index)
			atomic_store_explicit(&by_size[i], cache, memory_order_release);
}

/* Its pages have a class before anybody can make it grow: a slab without would stay so. */
static void enter_plain(enum kmalloc_type type, unsigned index, struct kmem_cache *cache)
{
	cpu_enter_class(&cache->cpu, page_class(type, index));
	atomic_store_explicit(&kmalloc_caches[type][index], cache, memory_order_release);
	if (type == KMALLOC_NORMAL)
		enter_by_size(index, cache);
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

	size_class_name(name, sizeof(name), types[type].prefix, bytes);
	error = cache_create(&request, REFCOUNT_BOOT, &cache);
	if (error != 0)
		return error;
	if (cache->layout.hooks == NULL || cpu_is_closed_for_now(&cache->cpu))
		enter_plain(type, index, cache);
	else
		atomic_store_explicit(&hooked_caches[type][index], cache, memory_order_release);
	return 0;
}

static bool class_exists(enum kmalloc_type type, unsigned index)
{
	return kmalloc_caches[type][index] != NULL || hooked_caches[type][index] != NULL;
}

/* Small ones first: the free lists of larger ones live in them. */
static int create_classes(enum kmalloc_type type)
{
	static const uint8_t odd[] = { KMALLOC_INDEX_96, KMALLOC_INDEX_192 };
	int error = 0;

	for (unsigned index = KMALLOC_SHIFT_LOW; index <= KMALLOC_SHIFT_HIGH && error == 0; index++)
		if (!class_exists(type, index))
			error = create_class(type, index);
	for (unsigned i = 0; i < ARRAY_LENGTH(odd) && error == 0; i++)
		if (!class_exists(type, odd[i]))
			error = create_class(type, odd[i]);
	return error;
}

int kmalloc_init(void)
{
	return create_classes(KMALLOC_NORMAL);
}

int kmalloc_account(void)
{
	return create_classes(KMALLOC_CGROUP);
}

static bool have_class(enum kmalloc_type type, unsigned index)
{
	lock_take(&registry_lock);
	if (!class_exists(type, index))
		create_class(type, index);
	lock_drop(&registry_lock);
	return class_exists(type, index);
}

/*
 * The first request of its kind, or its cache has hooks: then NULL, and no_cache_for goes
 * on. Who may not block gets a normal cache.
 */
static COLD struct kmem_cache *missing_class(enum kmalloc_type type, unsigned index, gfp_t gfp)
{
	if (!class_exists(type, index)) {
		if (boot_ensure_for(gfp) != 0)
			return NULL;
		for (unsigned attempt = 0; gfp_may_block(gfp) && !have_class(type, index); attempt++)
			if (!reclaim_for(gfp, attempt))
				break;
	}
	if (!class_exists(type, index))
		type = KMALLOC_NORMAL;
	return kmalloc_caches[type][index];
}

static struct kmem_cache *hooked_class(size_t size, gfp_t gfp)
{
	enum kmalloc_type type = kmalloc_type(gfp);
	unsigned index = kmalloc_index(size);

	return hooked_caches[class_exists(type, index) ? type : KMALLOC_NORMAL][index];
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

/* kmalloc's tracepoint where it is no hit; those have their own. */
static void *traced(void *object, const struct kmem_cache *cache, size_t size, gfp_t gfp, int node,
		    const void *caller)
{
	PROBE_ALLOC(kmalloc, SITE(caller), object, "r"((unsigned)size), cache->layout.size, gfp,
		    node);
	return object;
}

/* What kmalloc returns when kmalloc_slab has nothing. */
static COLD void *no_cache_for(size_t size, gfp_t gfp, int node, const void *caller)
{
	struct kmem_cache *cache;

	if (size == 0)
		return ZERO_SIZE_PTR;
	cache = size <= KMALLOC_MAX_SIZE ? hooked_class(size, gfp) : NULL;
	if (cache != NULL)
		return traced(cpu_alloc_hooked(&cache->cpu, gfp, size, node, caller), cache,
			      size, gfp, node, caller);
	errno = ENOMEM;
	return NULL;
}

/* @result is what the hit's sequence said; SEQ_EMPTY, too, where there was none. */
static COLD void *kmalloc_slow(size_t size, gfp_t gfp, const void *caller, enum seq_result result)
{
	struct kmem_cache *cache;
	void *object;

	count_if_aborted(SEQ_POP, result);
	if (!accounting_on)
		gfp &= ~__GFP_ACCOUNT;          /* then it may be a hit */
	cache = kmalloc_slab(size, gfp);
	if (unlikely(cache == NULL))
		return no_cache_for(size, gfp, NUMA_NO_NODE, caller);
	if (unlikely(hooks_of(&cache->layout) != NULL))         /* for a while */
		object = cpu_alloc_hooked(&cache->cpu, gfp, size, NUMA_NO_NODE, caller);
	else
		object = cpu_alloc_either(&cache->cpu, gfp, true, caller);
	return traced(object, cache, size, gfp, NUMA_NO_NODE, caller);
}

PUBLIC HIT void *kmalloc(size_t size, gfp_t gfp)
{
	enum seq_result result = SEQ_EMPTY;
	struct kmem_cache *cache;
	void *object;

	if (unlikely(size > TABLE_MAX || (gfp & (__GFP_DMA | __GFP_RECLAIMABLE))))
		return kmalloc_slow(size, gfp, CALLER, result);
	/* What is read of the cache is read through this pointer: that orders it. */
	cache = atomic_load_explicit(&by_size[(size + TABLE_GRAIN - 1) / TABLE_GRAIN],
				     memory_order_relaxed);
	if (likely(cache != NULL)) {
		result = seq_pop_unless(slots_base(cache->cpu.slot), UKMEM_ATTENTION(gfp), &object);
		if (likely(result == SEQ_DONE)) {
			PROBE_ALLOC(kmalloc, CALL_SITE, object, "r"((unsigned)size),
				    cache->layout.size, gfp, NUMA_NO_NODE);
			return object;
		}
	}
	return kmalloc_slow(size, gfp, CALLER, result);
}

PUBLIC void *kmalloc_node(size_t size, gfp_t gfp, int node)
{
	const void *caller = __builtin_return_address(0);
	struct kmem_cache *cache = kmalloc_slab(size, gfp);
	void *object;

	if (unlikely(cache == NULL)) {
		if (node != NUMA_NO_NODE && boot_ensure_for(gfp) == 0 && !node_exists(node)) {
			errno = EINVAL;
			return NULL;
		}
		return no_cache_for(size, gfp, node, caller);
	}
	if (unlikely(hooks_of(&cache->layout) != NULL) &&
	    (node == NUMA_NO_NODE || node_exists(node)))
		object = cpu_alloc_hooked(&cache->cpu, gfp, size, node, caller);
	else if (node == NUMA_NO_NODE)
		object = cpu_alloc_either(&cache->cpu, gfp, true, caller);
	else
		object = cpu_alloc_node(&cache->cpu, gfp, node, caller);
	return traced(object, cache, size, gfp, node, caller);
}

/* The slab of a pointer that must be in one. */
static struct page *slab_of_pointer(const void *object, const char *caller)
{
	struct page *slab = virt_to_head_page(object);

	if (unlikely(slab == NULL || slab->state != PAGE_SLAB))
		slab_panic("%s of %p, which is in no slab", caller, object);
	return slab;
}

/* A sampled object, or a mistake. */
static COLD void free_elsewhere(const void *object, const void *caller)
{
	if (!guard_owns(object))
		slab_panic("kfree of %p, which is in no slab", object);
	guard_free(NULL, (void *)object, caller);
}

static COLD void kfree_slow(const void *object, const void *caller, enum seq_result result)
{
	struct page *slab;

	count_if_aborted(SEQ_PUSH, result);
	if (unlikely(ZERO_OR_NULL_PTR(object)))
		return;
	slab = virt_to_head_page(object);
	if (unlikely(slab == NULL || slab->state != PAGE_SLAB)) {
		free_elsewhere(object, caller);
		return;
	}
	cpu_free(&cache_of_layout(slab->layout)->cpu, (void *)object);
}

/* Of the first node's memory; the rest, NULL among it, takes the slow form. */
PUBLIC HIT void kfree(const void *object)
{
	const struct zone *zone = &zones[0];
	size_t page = ((uintptr_t)object >> PAGE_SHIFT) - zone->first_page;
	enum seq_result result = SEQ_EMPTY;

	PROBE_KFREE(CALL_SITE, object);
	if (likely(page < atomic_load_explicit(&zone->committed_pages, memory_order_relaxed)))
		result = class_push(CLASSES_OF_KMALLOC, page_class_at(zone, object), (void *)object);
	if (unlikely(result != SEQ_DONE))
		kfree_slow(object, CALLER, result);
}

PUBLIC void kfree_bulk(size_t count, void **objects)
{
	for (size_t i = 0; i < count; i++)
		kfree(objects[i]);
}

PUBLIC size_t ksize(const void *object)
{
	const struct slab_layout *layout;

	if (unlikely(ZERO_OR_NULL_PTR(object)))
		return 0;
	if (guard_owns(object))
		return guard_usable(object);
	layout = slab_of_pointer(object, "ksize")->layout;
	return layout_usable(layout, object);
}

PUBLIC size_t kmalloc_size_roundup(size_t size)
{
	return size == 0 || size > KMALLOC_MAX_SIZE ? size : kmalloc_index_bytes(kmalloc_index(size));
}

/* A compiler may not drop the clearing of what is freed next. */
PUBLIC void kfree_sensitive(const void *object)
{
	const struct zone *zone = zone_of(object);

	if (unlikely(ZERO_OR_NULL_PTR(object)))
		return;
	if (zone == NULL || !zone_is_closed(zone))      /* else it is a parent's, and stays */
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

static void *source_take(size_t bytes, unsigned node, bool may_block, bool emergency)
{
	return kmalloc_node(bytes, (may_block ? GFP_KERNEL : GFP_NOWAIT) |
			    (emergency ? __GFP_MEMALLOC : 0), (int)node);
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

/*
 * heap.c: the doors of malloc and free, and the classes behind them.
 */
#include "malloc/heap.h"

#include <dlfcn.h>
#include <errno.h>
#include <stdio.h>
#include <string.h>

#include "base/check.h"
#include "cpu/hooked.h"
#include "debug/guard.h"
#include "debug/sample.h"
#include "os/options.h"
#include "slab/hooks.h"

/*
 * Before boot: no slots but the guards', which is where every thread is until it is
 * adopted, and nobody is adopted before boot.
 */
static struct {
	alignas(CACHE_LINE_BYTES) char unused[SLOTS_OFFSET - 2 * sizeof(struct array_cache *)];
	struct array_cache *guard[2];
} before_boot = { .guard = { &array_none, &array_none } };

#define BEFORE_BOOT ((struct kmem_cache *)(void *)&before_boot)

struct kmem_cache *heap_small[HEAP_SMALL_ENTRIES] = {
	[0 ... HEAP_SMALL_ENTRIES - 1] = BEFORE_BOOT };
struct kmem_cache *heap_coarse[HEAP_COARSE_ENTRIES] = {
	[0 ... HEAP_COARSE_ENTRIES - 1] = BEFORE_BOOT };
struct kmem_cache *heap_of_id[HEAP_IDS];

static struct kmem_cache *stand_in;             /* set by boot */

static void set_entries(struct kmem_cache **entries, unsigned first, unsigned last,
			struct kmem_cache *cache)
{
	for (unsigned i = first; i <= last; i++)
		__atomic_store_n(&entries[i], cache, __ATOMIC_RELEASE);
}

/* A cache with slots for every thread and never an array. */
int heap_init(void)
{
	struct kmem_cache *cache = meta_alloc(META_KMEM_CACHE, 0, true);

	if (cache == NULL)
		return -ENOMEM;
	cpu_arrays_init(&cache->cpu, NULL, NULL);
	set_entries(heap_of_id, 0, HEAP_IDS - 1, cache);
	set_entries(heap_small, 0, HEAP_SMALL_ENTRIES - 1, cache);
	set_entries(heap_coarse, 0, HEAP_COARSE_ENTRIES - 1, cache);
	__atomic_store_n(&stand_in, cache, __ATOMIC_RELEASE);
	return 0;
}

int heap_boot(void)
{
	if (likely(__atomic_load_n(&stand_in, __ATOMIC_ACQUIRE) != NULL))
		return 0;
	return boot_for_malloc();
}

/* The sizes a class serves begin behind those of the one before. */
static void enter_class(unsigned class, struct kmem_cache *cache)
{
	unsigned last = heap_class_bytes(class);
	unsigned first = class == 0 ? 0 : heap_class_bytes(class - 1) + 1;

	set_entries(heap_of_id, HEAP_CLASS_FIRST + class, HEAP_CLASS_FIRST + class, cache);
	if (last <= HEAP_SMALL_MAX)
		set_entries(heap_small, (first + HEAP_GRAIN - 1) / HEAP_GRAIN,
			    last / HEAP_GRAIN, cache);
	else
		set_entries(heap_coarse, (first + HEAP_COARSE_GRAIN - 1) / HEAP_COARSE_GRAIN,
			    last / HEAP_COARSE_GRAIN, cache);
}

/* Under the registry lock. */
static int make_class(unsigned class)
{
	struct cache_request request = {
		.size = heap_class_bytes(class),
		.align = heap_class_align(class),
	};
	struct kmem_cache *cache;
	char name[24];
	int error;

	snprintf(name, sizeof(name), "malloc-%u", request.size);
	request.name = name;
	error = cache_create(&request, REFCOUNT_BOOT, &cache);
	if (error != 0)
		return error;
	cpu_enter_class(&cache->cpu, HEAP_CLASS_FIRST + class);
	enter_class(class, cache);
	return 0;
}

static struct kmem_cache *class_cache(unsigned class)
{
	return __atomic_load_n(&heap_of_id[HEAP_CLASS_FIRST + class], __ATOMIC_ACQUIRE);
}

/* Is there a cache for @class, now at the latest? */
static bool have_class(unsigned class)
{
	lock_take(&registry_lock);
	if (class_cache(class) == stand_in)
		make_class(class);
	lock_drop(&registry_lock);
	return class_cache(class) != stand_in;
}

/* The cache of a class, made at its first use; NULL when that is refused. */
static struct kmem_cache *ensure_class(unsigned class)
{
	if (heap_boot() != 0)
		return NULL;
	if (likely(class_cache(class) != stand_in))
		return class_cache(class);
	for (unsigned attempt = 0; !have_class(class); attempt++)
		if (!reclaim_for(GFP_KERNEL, attempt))
			return NULL;
	return class_cache(class);
}

/* Checks get to know the size that was asked for. */
static void *alloc_of_class(size_t size, const void *caller)
{
	int kept_errno = errno;
	struct kmem_cache *cache = ensure_class(heap_class_of(size));

	errno = kept_errno;
	if (cache == NULL) {
		errno = ENOMEM;
		return NULL;
	}
	if (unlikely(hooks_of(&cache->layout) != NULL))
		return cpu_alloc_hooked(&cache->cpu, GFP_KERNEL, max_size(size, 1), -1, caller);
	return cpu_alloc(&cache->cpu, GFP_KERNEL);
}

void heap_sample_large(void *block, size_t size, const void *caller)
{
	if (unlikely(sampler != NULL) && sample_distance(size) == 0)
		sample_note(block, size, caller);
}

/* Pages of its own. @align is a power of two. */
static void *alloc_large(size_t size, size_t align, bool *zeroed, const void *caller)
{
	int kept_errno = errno;
	void *block = NULL;

	*zeroed = true;
	if (size <= PTRDIFF_MAX && align <= PTRDIFF_MAX && heap_boot() == 0) {
		if (max_size(size, align) <= PAGE_BYTES << MAX_ORDER)
			block = run_alloc(size, align, zeroed);
		if (block == NULL)
			block = mapping_alloc(size, align);
	}
	if (block != NULL)
		heap_sample_large(block, size, caller);
	errno = block != NULL ? kept_errno : ENOMEM;
	return block;
}

void *heap_alloc_slow(size_t size, enum seq_result result)
{
	bool zeroed;

	count_if_aborted(SEQ_POP, result);
	if (size > HEAP_CLASS_MAX)
		return alloc_large(size, 1, &zeroed, __builtin_return_address(0));
	return alloc_of_class(size, __builtin_return_address(0));
}

/* Fresh pages read as zero already; what comes from an array may be anything. */
void *heap_calloc(size_t count, size_t size)
{
	size_t bytes;
	bool zeroed = false;
	void *block;

	if (__builtin_mul_overflow(count, size, &bytes)) {
		errno = ENOMEM;
		return NULL;
	}
	if (bytes > HEAP_CLASS_MAX)
		block = alloc_large(bytes, 1, &zeroed, __builtin_return_address(0));
	else
		block = heap_alloc(bytes);
	if (block != NULL && !zeroed)
		memset(block, 0, bytes);
	return block;
}

/* The smallest class that is aligned enough; a power of two always is. */
static unsigned aligned_class(size_t align, size_t size)
{
	unsigned class = heap_class_of(max_size(size, align));

	while (heap_class_align(class) < align)
		class++;
	return class;
}

/* Checks get to know the size that was asked for, though the class is a larger one's. */
static void *alloc_aligned_class(size_t align, size_t size)
{
	void *block = heap_alloc(heap_class_bytes(aligned_class(align, size)));

	if (block != NULL)
		heap_resize_checked(block, max_size(size, 1));
	return block;
}

void *heap_aligned(size_t align, size_t size)
{
	bool zeroed;

	if (align <= HEAP_GRAIN)
		return heap_alloc(size);
	if (align <= PAGE_BYTES && max_size(size, align) <= HEAP_CLASS_MAX)
		return alloc_aligned_class(align, size);
	return alloc_large(max_size(size, 1), align, &zeroed, __builtin_return_address(0));
}

/* Checks know a block's size to the byte. */
static size_t usable_of_class(unsigned class, size_t size)
{
	struct kmem_cache *cache = ensure_class(class);

	if (cache == NULL)
		return 0;
	return hooks_of(&cache->layout) != NULL ? max_size(size, 1) : heap_class_bytes(class);
}

size_t heap_usable_of(size_t align, size_t size)
{
	if (size > PTRDIFF_MAX - PAGE_BYTES || align > PTRDIFF_MAX)
		return 0;
	if (align <= PAGE_BYTES && max_size(size, align) <= HEAP_CLASS_MAX)
		return usable_of_class(aligned_class(align, size), size);
	return align_up(max_size(size, 1), PAGE_BYTES);
}

/* ---- Back -------------------------------------------------------------------------- */

void heap_bad_pointer(const char *what, const void *block, const void *caller)
{
	Dl_info info;
	struct page *page = virt_to_head_page(block);
	const char *why = "was not given by malloc";

	if (page != NULL && (page->state == PAGE_TAKEN ||
			     (page->state == PAGE_SLAB && page->layout->page_class != 0)))
		why = "is inside a block";
	else if (page != NULL && page->state == PAGE_SLAB)
		why = "belongs to a kmem_cache";
	else if (page != NULL)
		why = "is in free memory";
	if (dladdr(caller, &info) != 0 && info.dli_fname != NULL)
		slab_panic("%s of %p, which %s; called from %s+%#tx", what, block, why,
			   info.dli_fname, (const char *)caller - (const char *)info.dli_fbase);
	slab_panic("%s of %p, which %s; called from %p", what, block, why, caller);
}

/* Is the byte @offset bytes behind the start of @slab the first of an object? */
static inline bool is_object_at(const struct slab_layout *layout, const struct page *slab,
				size_t offset)
{
	uint32_t behind = (uint32_t)(offset - slab_lead(layout, slab));
	size_t index = reciprocal_divide(behind, layout->reciprocal_buffer_size);

	return index < layout->num && index * layout->size == behind;
}

static bool is_object(const struct page *slab, const void *block)
{
	return is_object_at(slab->layout, slab,
			    (size_t)((const char *)block - (const char *)page_address(slab)));
}

/* The cache of a block that is one of a class's, at its first byte. */
static struct kmem_cache *cache_of_block(const char *what, const void *block, const void *caller)
{
	struct page *slab = virt_to_head_page(block);

	if (slab == NULL || slab->state != PAGE_SLAB || !is_object(slab, block))
		heap_bad_pointer(what, block, caller);
	return cache_of_layout(slab->layout);
}

/* Growing strings come this way: a look at one line, slabs being aligned to their size. */
void heap_check_block(const char *what, const void *block, unsigned id, const void *caller)
{
	const struct slab_layout *layout = &heap_of_id[id]->layout;
	const struct zone *zone = zone_of(block);
	size_t offset = (size_t)((const char *)block - zone->base);
	size_t within = offset & (slab_bytes(layout) - 1);
	const struct page *slab = &zone->map[(offset - within) >> PAGE_SHIFT];

	if (slab->state != PAGE_SLAB || slab->layout != layout ||
	    !is_object_at(layout, slab, within))
		heap_bad_pointer(what, block, caller);
}

static const struct slab_hooks *hooks_of_id(unsigned id)
{
	return id != HEAP_NOTHING && id != HEAP_RUN ? hooks_of(&heap_of_id[id]->layout) : NULL;
}

static void free_slow(void *block, const void *caller)
{
	unsigned id = block != NULL ? heap_id_of(block) : HEAP_NOTHING;

	if (unlikely(sampler != NULL))
		sample_forget(block);
	if (guard_owns(block))
		guard_free(NULL, block, caller);
	else if (hooks_of_id(id) != NULL)
		cpu_free_hooked(&heap_of_id[id]->cpu, block, caller);
	else if (id == HEAP_RUN)
		run_free(block, caller);
	else if (id != HEAP_NOTHING)
		cpu_free(&cache_of_block("free", block, caller)->cpu, block);
	else if (block != NULL && !mapping_free(block))
		heap_bad_pointer("free", block, caller);
}

void heap_free_slow(void *block, enum seq_result result)
{
	int kept_errno = errno;

	count_if_aborted(SEQ_PUSH, result);
	free_slow(block, __builtin_return_address(0));
	errno = kept_errno;
}

static COLD size_t usable_otherwise(const void *block, unsigned id, const void *caller)
{
	size_t bytes;

	if (block == NULL)
		return 0;
	if (guard_owns(block))
		return guard_usable(block);
	if (hooks_of_id(id) != NULL)
		return layout_usable(&heap_of_id[id]->layout, block);
	if (id == HEAP_RUN)
		return run_bytes("malloc_usable_size", block, caller);
	if (id != HEAP_NOTHING)
		return object_size_of(&cache_of_block("malloc_usable_size", block, caller)->layout);
	bytes = mapping_bytes(block);
	if (bytes == 0)
		heap_bad_pointer("malloc_usable_size", block, caller);
	return bytes;
}

/* Some programs ask of each block, when it comes and when it goes: no look at the slab. */
size_t heap_usable(const void *block, const void *caller)
{
	unsigned id = heap_id_of(block);

	if (likely(heap_is_plain(block, id)))
		return heap_class_bytes(id - HEAP_CLASS_FIRST);
	return usable_otherwise(block, id, caller);
}

bool heap_resize_checked(void *block, size_t size)
{
	unsigned id = heap_id_of(block);
	const struct slab_hooks *hooks = hooks_of_id(id);

	return hooks != NULL && hooks->resize(&heap_of_id[id]->layout, block, size);
}

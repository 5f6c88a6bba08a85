/*
 * mapping.c: blocks above 4 MiB, each a mapping of the OS's.
 *
 * They are found by address in a hash table, so that a pointer that is none of ours is
 * never followed. The table is under the leaf lock. A block leaves it before the kernel
 * takes its addresses back, and enters it after the kernel gave them.
 */
#include "malloc/heap.h"

#include "base/bits.h"
#include "os/ops.h"

struct mapping {
	struct mapping *next;
	char *block;            /* what the program has */
	size_t bytes;
};

enum { BUCKETS = 1024 };

static struct mapping *buckets[BUCKETS] RARELY_USED;   /* these under the leaf lock */
static size_t count, total_bytes;
static struct kmem_cache *_Atomic mapping_cache;

static struct mapping **bucket_of(const void *block)
{
	size_t page = (size_t)block >> PAGE_SHIFT;

	return &buckets[(page ^ page >> 10 ^ page >> 20) % BUCKETS];
}

/* Where the pointer to @block's entry is; points to NULL when there is none. */
static struct mapping **find(const void *block)
{
	struct mapping **at = bucket_of(block);

	while (*at != NULL && (*at)->block != block)
		at = &(*at)->next;
	return at;
}

static void insert(struct mapping *mapping)
{
	struct mapping **at = bucket_of(mapping->block);

	mapping->next = *at;
	*at = mapping;
}

static struct kmem_cache *make_entries(void)
{
	struct cache_request request = { .name = "malloc-mapping", .size = sizeof(struct mapping) };
	struct kmem_cache *cache;

	lock_take(&registry_lock);
	if (mapping_cache == NULL && cache_create(&request, REFCOUNT_BOOT, &cache) == 0)
		atomic_store(&mapping_cache, cache);
	lock_drop(&registry_lock);
	return atomic_load(&mapping_cache);
}

static struct kmem_cache *entries(void)
{
	struct kmem_cache *cache = atomic_load(&mapping_cache);

	for (unsigned attempt = 0; cache == NULL; attempt++) {
		cache = make_entries();
		if (cache == NULL && !reclaim_for(GFP_KERNEL, attempt))
			return NULL;
	}
	return cache;
}

/* Map @bytes on a multiple of @align, which is a page at least. */
static char *map_aligned(size_t bytes, size_t align)
{
	size_t room = align > PAGE_BYTES ? bytes + align - PAGE_BYTES : bytes;
	char *start, *block;
	void *address;

	if (room < bytes || os_ops.map(room, &address) != 0)
		return NULL;
	start = address;
	block = (char *)align_up((size_t)start, align);
	if (block != start)
		os_ops.unmap(start, (size_t)(block - start));
	if (block + bytes != start + room)
		os_ops.unmap(block + bytes, (size_t)(start + room - block) - bytes);
	return block;
}

void *mapping_alloc(size_t size, size_t align)
{
	size_t bytes = align_up(size, PAGE_BYTES);
	struct kmem_cache *cache = entries();
	struct mapping *mapping = cache != NULL ? cpu_alloc(&cache->cpu, GFP_KERNEL) : NULL;

	if (mapping == NULL)
		return NULL;
	mapping->bytes = bytes;
	mapping->block = map_aligned(bytes, max_size(align, PAGE_BYTES));
	if (mapping->block == NULL) {
		cpu_free(&cache->cpu, mapping);
		return NULL;
	}
	lock_take(&leaf_lock);
	insert(mapping);
	count++;
	total_bytes += bytes;
	lock_drop(&leaf_lock);
	return mapping->block;
}

/* Out of the table and into the caller's hands; NULL when there is none. */
static struct mapping *take_out(const void *block)
{
	struct mapping **at, *mapping;

	if (atomic_load(&mapping_cache) == NULL)
		return NULL;
	lock_take(&leaf_lock);
	at = find(block);
	mapping = *at;
	if (mapping != NULL) {
		*at = mapping->next;
		count--;
		total_bytes -= mapping->bytes;
	}
	lock_drop(&leaf_lock);
	return mapping;
}

bool mapping_free(void *block)
{
	struct mapping *mapping = take_out(block);

	if (mapping == NULL)
		return false;
	os_ops.unmap(mapping->block, mapping->bytes);
	cpu_free(&mapping_cache->cpu, mapping);
	return true;
}

size_t mapping_bytes(const void *block)
{
	struct mapping *mapping;
	size_t bytes;

	lock_take(&leaf_lock);
	mapping = *find(block);
	bytes = mapping != NULL ? mapping->bytes : 0;
	lock_drop(&leaf_lock);
	return bytes;
}

/*
 * The kernel moves the page tables. Meanwhile the block is in nobody's table, as the
 * program has promised not to use it.
 */
void *mapping_resize(void *block, size_t size)
{
	size_t bytes = align_up(size, PAGE_BYTES);
	struct mapping *mapping = take_out(block);
	void *moved = NULL;

	if (mapping == NULL)
		return NULL;
	if (os_ops.remap(mapping->block, mapping->bytes, bytes, &moved) == 0) {
		mapping->block = moved;
		mapping->bytes = bytes;
	}
	lock_take(&leaf_lock);
	insert(mapping);
	count++;
	total_bytes += mapping->bytes;
	lock_drop(&leaf_lock);
	return moved;
}

void mappings_total(size_t *mappings, size_t *bytes)
{
	lock_take(&leaf_lock);
	*mappings = count;
	*bytes = total_bytes;
	lock_drop(&leaf_lock);
}

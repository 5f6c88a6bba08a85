/*
 * revive.c: see revive.h.
 */
#include "revive.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include "cache/cache.h"

enum { COLUMNS_ROOM = 64 };

static unsigned make_table(struct column *table, bool with_refcount)
{
	static const struct column front[] = {
		{ .pattern = "req_size" },
		{ .pattern = "req_align" },
		{ .pattern = "req_flags" },
		{ .pattern = "ctor" },
		{ .pattern = "refcount", .named = NAMED_BOOT_REFCOUNT },
	};
	unsigned count = 0;

	for (unsigned i = 0; i < ARRAY_LENGTH(front) - with_refcount; i++)
		table[count++] = front[i];
	for (unsigned i = 0; i < cache_columns_count; i++)
		table[count++] = cache_columns[i];
	return count;
}

bool caches_bind(struct columns *columns, const struct csv_row *header, bool with_refcount,
		 struct result *result)
{
	static struct column tables[2][COLUMNS_ROOM];
	struct column *table = tables[with_refcount];

	return columns_bind(columns, header, table, make_table(table, with_refcount), result);
}

static bool begins(const char *name, const char *with)
{
	return strncmp(name, with, strlen(with)) == 0;
}

static bool is_kmalloc(const char *name)
{
	return begins(name, "kmalloc-") || begins(name, "dma-kmalloc-");
}

bool is_own_cache(const char *name)
{
	return is_kmalloc(name) || strcmp(name, "kmem_cache") == 0;
}

/* Reclaimable and DMA caches come with their first object. */
static struct kmem_cache *kmalloc_cache(const char *name, unsigned size)
{
	gfp_t gfp = GFP_KERNEL;
	struct kmem_cache *cache;

	if (begins(name, "kmalloc-rcl-"))
		gfp |= __GFP_RECLAIMABLE;
	if (begins(name, "dma-"))
		gfp |= __GFP_DMA;
	kfree(kmalloc(size, gfp));
	lock_take(&registry_lock);
	cache = find_by_name(name, strlen(name));
	lock_drop(&registry_lock);
	return cache;
}

static unsigned number_in(const struct columns *columns, const struct csv_row *row,
			  const char *name)
{
	return (unsigned)strtoul(column_cell(columns, row, name), NULL, 0);
}

struct made cache_revive(const struct columns *columns, const struct csv_row *row)
{
	const char *name = column_cell(columns, row, "name");
	unsigned size = number_in(columns, row, "object_size");
	struct made made = { 0 };

	if (is_kmalloc(name))
		made.cache = kmalloc_cache(name, size);
	else
		made.cache = kmem_cache_create_usercopy(name, size,
				number_in(columns, row, "align"),
				number_in(columns, row, "flags") & flag_bits_compared &
				~(SLAB_PANIC | 3u << 30),
				number_in(columns, row, "useroffset"),
				number_in(columns, row, "usersize"),
				number_in(columns, row, "ctor") != 0 ? count_ctor_call : NULL);
	made.error = made.cache == NULL ? -errno : 0;
	if (made.cache != NULL && !is_kmalloc(name))
		made.cache->flags |= number_in(columns, row, "flags") & SLAB_PANIC;
	return made;
}

void cache_forget(const struct made *made)
{
	if (made->cache != NULL && made->cache->refcount != REFCOUNT_BOOT)
		kmem_cache_destroy(made->cache);
}

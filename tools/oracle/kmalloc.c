/*
 * kmalloc.c: for each size, the cache that serves it.
 */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/bits.h"
#include "cache/cache.h"
#include "columns.h"
#include "formats.h"
#include "malloc/size_class.h"

struct served {
	size_t size;
	void *object;
	struct kmem_cache *cache;               /* NULL: none */
	struct kmem_cache *reclaimable, *dma;
};

/* Ask once, and see whose object came. */
static struct kmem_cache *cache_for(size_t size, gfp_t gfp)
{
	void *object = kmalloc(size, gfp);
	struct kmem_cache *cache = NULL;

	if (!ZERO_OR_NULL_PTR(object))
		cache = cache_of_layout(virt_to_head_page(object)->layout);
	kfree(object);
	return cache;
}

#define SERVED_PRINTER(name, code)                                              \
	static void name(struct text *out, const void *subject, unsigned number UNUSED) \
	{                                                                       \
		const struct served *served = subject;                          \
		code;                                                           \
	}

static void print_cache(struct text *out, const struct kmem_cache *cache)
{
	text_word(out, cache != NULL ? cache->name : "");
}

SERVED_PRINTER(print_size, text_number(out, (long)served->size))
SERVED_PRINTER(print_index, text_number(out, served->cache != NULL ?
					(long)kmalloc_index(served->size) : -1))
SERVED_PRINTER(print_cache_name, print_cache(out, served->cache))
SERVED_PRINTER(print_reclaimable, print_cache(out, served->reclaimable))
SERVED_PRINTER(print_dma, print_cache(out, served->dma))
SERVED_PRINTER(print_object_size, text_number(out, served->cache != NULL ?
					      (long)served->cache->layout.object_size : -1))
SERVED_PRINTER(print_cache_size, text_number(out, served->cache != NULL ?
					     (long)served->cache->layout.size : -1))
SERVED_PRINTER(print_ksize, text_number(out, (long)ksize(served->object)))
SERVED_PRINTER(print_roundup, text_number(out, served->cache == NULL ? 0 :
			(long)kmalloc_index_bytes(kmalloc_index(served->size))))
SERVED_PRINTER(print_result, text_word(out, served->object == NULL ? "NULL" :
				       served->object == ZERO_SIZE_PTR ? "ZERO_SIZE_PTR" :
				       "slab"))

/* No pages without a cache here; where the kernel has such, the cache's order. */
SERVED_PRINTER(print_order, text_number(out, served->cache != NULL && served->size > 8192 ?
					(long)served->cache->layout.gfporder : -1))

#define COLUMNS_UP_TO_ROUNDUP                                                   \
	{ .pattern = "size", .print = print_size },                             \
	{ .pattern = "kmalloc_index", .print = print_index },                   \
	{ .pattern = "cache", .print = print_cache_name },                      \
	{ .pattern = "cache_object_size", .print = print_object_size },         \
	{ .pattern = "cache_size", .print = print_cache_size },                 \
	{ .pattern = "large_order", .print = print_order },                     \
	{ .pattern = "result", .print = print_result },                         \
	{ .pattern = "ksize", .print = print_ksize },                           \
	{ .pattern = "rcl_cache", .print = print_reclaimable },                 \
	{ .pattern = "dma_cache", .print = print_dma }

static const struct column served_columns[] = {
	COLUMNS_UP_TO_ROUNDUP,
	{ .pattern = "roundup", .print = print_roundup },
};

static const struct column refused_columns[] = {
	COLUMNS_UP_TO_ROUNDUP,
	{ .pattern = "roundup", .named = NAMED_KMALLOC_ROUNDUP },
};

static void set_cell(const struct columns *columns, struct csv_row *row, const char *name,
		     char *value)
{
	int at = column_find(columns, name);

	if (at >= 0)
		row->cell[at] = value;
}

/*
 * The one rule: what came as 2^order pages there comes from the cache of that many
 * bytes here. ksize and order stay as they are in the row.
 */
static void apply_rule(const struct columns *columns, struct csv_row *row)
{
	static char index[16], bytes[24], name[3][40];
	static const char *const prefix[3] = { "kmalloc", "kmalloc-rcl", "dma-kmalloc" };
	static char *const column[3] = { "cache", "rcl_cache", "dma_cache" };
	static char slab[] = "slab";
	unsigned long size = strtoul(column_cell(columns, row, "ksize"), NULL, 10);
	bool mega = size >= 1 << 20;

	snprintf(bytes, sizeof(bytes), "%lu", size);
	snprintf(index, sizeof(index), "%d", size != 0 ? 63 - __builtin_clzl(size) : -1);
	for (unsigned i = 0; i < 3; i++) {
		snprintf(name[i], sizeof(name[i]), "%s-%lu%c", prefix[i], size >> (mega ? 20 : 10),
			 mega ? 'M' : 'k');
		set_cell(columns, row, column[i], name[i]);
	}
	set_cell(columns, row, "kmalloc_index", index);
	set_cell(columns, row, "cache_object_size", bytes);
	set_cell(columns, row, "cache_size", bytes);
	set_cell(columns, row, "result", slab);
}

static struct served serve(size_t size)
{
	return (struct served){
		.size = size,
		.cache = cache_for(size, GFP_KERNEL),
		.reclaimable = cache_for(size, GFP_KERNEL | __GFP_RECLAIMABLE),
		.dma = cache_for(size, GFP_KERNEL | __GFP_DMA),
		.object = kmalloc(size, GFP_KERNEL),
	};
}

static void compare_row(const struct columns *columns, struct csv_row *row,
			struct result *result, enum kind kind)
{
	static struct mismatch mismatch;
	size_t size = strtoul(column_cell(columns, row, "size"), NULL, 10);
	bool by_rule = strcmp(column_cell(columns, row, "result"), "pages") == 0 && size > 8192;
	struct served served = serve(size);

	if (by_rule)
		apply_rule(columns, row);
	if (!columns_match(columns, row, columns->count, &served, result, &mismatch))
		row_differs(result, kind, &mismatch);
	else if (by_rule)
		row_is_named(result, kind, NAMED_KMALLOC_LARGE);
	else
		row_is_equal(result, kind);
	kfree(served.object);
}

void kmalloc_compare(const struct job *job, char *text, struct result *result)
{
	static struct columns served, refused;
	struct csv csv;

	csv_open(&csv, text);
	csv_next(&csv);
	if (!columns_bind(&served, &csv.row, served_columns, ARRAY_LENGTH(served_columns),
			  result) ||
	    !columns_bind(&refused, &csv.row, refused_columns, ARRAY_LENGTH(refused_columns),
			  result))
		return;
	while (csv_next(&csv) == CSV_ROW) {
		bool none = strcmp(column_cell(&served, &csv.row, "result"), "NULL") == 0;

		result->line = csv.line;
		if (!row_is_whole(&served, &csv.row, result))
			return;
		compare_row(none ? &refused : &served, &csv.row, result, job->kind);
	}
}

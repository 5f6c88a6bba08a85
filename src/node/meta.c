/*
 * meta.c: see meta.h.
 */
#include "node/meta.h"

#include <string.h>

#include "base/bits.h"
#include "base/check.h"
#include "debug/shadow.h"
#include "os/topology.h"

/*
 * Each an odd number of lines, and many side by side in a slab: so the first lines of arrays,
 * which hits read and write, lie in all sets of a first-level cache, and rarely at the same
 * place of two pages. Enough for a limit of 16, 32, 64, 120 (the usual one), 224, 480
 * (shared) and 992 (grown).
 */
static const unsigned array_class_bytes[ARRAY_CLASSES] = {
	3 * 64, 5 * 64, 9 * 64, 17 * 64, 29 * 64, 61 * 64, 125 * 64,
};

struct meta_cache meta_caches[META_KINDS] = {
	{ .name = "array_cache-192" },
	{ .name = "array_cache-320" },
	{ .name = "array_cache-576" },
	{ .name = "array_cache-1088" },
	{ .name = "array_cache-1856" },
	{ .name = "array_cache-3904" },
	{ .name = "array_cache-8000" },
	[META_KMEM_CACHE] = { .name = "kmem_cache" },
	[META_NODE] = { .name = "kmem_cache_node" },
	[META_ALIEN] = { .name = "alien_cache" },
	[META_GROUP] = { .name = "kmem_group" },
	[META_OWNERS] = { .name = "slab_owners-64" },
	[META_OWNERS_MANY] = { .name = "slab_owners-255" },
};

/* A node's together: one page is all that a machine of one node touches. */
static struct kmem_cache_node node_storage[NODES_MAX][META_KINDS] LONG_TABLE;

static int meta_cache_init(enum meta_kind kind, size_t size)
{
	struct meta_cache *meta = &meta_caches[kind];
	struct layout_request request = {
		.size = (unsigned)size,
		.align = CACHE_LINE_BYTES,
		.max_order = 1,
		.fast = true,
	};
	int error = layout_init(&meta->layout, &request);

	if (error != 0)
		return error;
	meta->layout.name = meta->name;
	meta->layout.internal = true;
	for (unsigned node = 0; node < topology.nodes; node++) {
		meta->nodes[node] = &node_storage[node][kind];
		node_init(meta->nodes[node], &meta->layout, node);
		meta->nodes[node]->free_limit = meta->layout.num;
	}
	return 0;
}

static size_t meta_size(enum meta_kind kind, size_t cache_bytes)
{
	switch (kind) {
	case META_KMEM_CACHE:
		return cache_bytes;
	case META_NODE:
		return sizeof(struct kmem_cache_node);
	case META_ALIEN:
		return sizeof(struct alien_cache) * topology.nodes;
	case META_GROUP:
		return GROUP_BYTES;
	case META_OWNERS:
		return OWNERS_BYTES;
	case META_OWNERS_MANY:
		return align_up(SLAB_OBJECTS_MAX * sizeof(uint16_t), CACHE_LINE_BYTES);
	default:
		return array_class_bytes[kind];
	}
}

int meta_init(size_t cache_bytes)
{
	for (unsigned kind = 0; kind < META_KINDS; kind++) {
		int error = meta_cache_init((enum meta_kind)kind,
					    meta_size((enum meta_kind)kind, cache_bytes));

		if (error != 0)
			return error;
	}
	return 0;
}

static void *take_or_grow(struct meta_cache *meta, unsigned node, bool may_block)
{
	struct kmem_cache_node *n = meta->nodes[node];
	void *object;
	unsigned taken;

	if (!lock_take_if(&n->list_lock, may_block))
		return NULL;
	taken = node_take(n, &object, 1);
	lock_drop(&n->list_lock);
	if (taken == 0)
		taken = node_grow(meta->nodes, node, true, may_block, &object, 1);
	return taken != 0 ? object : NULL;
}

/* A node without memory of its own shares the slabs of the next one that has some. */
void *meta_alloc(enum meta_kind kind, unsigned node, bool may_block)
{
	for (unsigned i = 0; i < topology.nodes; i++) {
		void *object = take_or_grow(&meta_caches[kind], (node + i) % topology.nodes,
					    may_block);

		if (object != NULL) {
			shadow_plain(object, meta_caches[kind].layout.size);
			return object;
		}
	}
	return NULL;
}

void meta_free(enum meta_kind kind, void *object)
{
	struct kmem_cache_node *n = meta_caches[kind].nodes[zone_of(object)->node];
	struct list surplus;

	list_init(&surplus);
	lock_take(&n->list_lock);
	node_give(n, &object, 1, &surplus);
	lock_drop(&n->list_lock);
	slabs_release(&surplus);
}

void meta_keep(enum meta_kind kind, void *object)
{
	struct kmem_cache_node *n = meta_caches[kind].nodes[zone_of(object)->node];

	lock_take_unordered(&n->list_lock);
	node_give(n, &object, 1, NULL);
	lock_drop(&n->list_lock);
}

void meta_shrink(void)
{
	for (unsigned kind = 0; kind < META_KINDS; kind++)
		for (unsigned node = 0; node < topology.nodes; node++)
			node_drain_free(meta_caches[kind].nodes[node], SIZE_MAX);
}

static unsigned class_of(size_t bytes)
{
	unsigned class = 0;

	while (class < ARRAY_CLASSES && array_class_bytes[class] < bytes)
		class++;
	return class;
}

static void *array_memory(unsigned class, size_t bytes, unsigned node, bool may_block)
{
	struct page *page;

	if (class < ARRAY_CLASSES)
		return meta_alloc((enum meta_kind)class, node, may_block);
	page = pages_alloc_any(node, order_of(bytes), may_block, NULL);
	return page != NULL ? page_address(page) : NULL;
}

struct array_cache *array_new(unsigned limit, unsigned batchcount, unsigned node,
			      bool may_block)
{
	size_t bytes = array_bytes(limit);
	unsigned class = class_of(bytes);
	struct array_cache *array = array_memory(class, bytes, node, may_block);

	if (array == NULL)
		return NULL;
	*array = (struct array_cache){
		.idle = 1,
		.limit = limit,
		.batchcount = (uint16_t)batchcount,
		.node = (uint16_t)node,
		.memory_class = (uint16_t)class,
	};
	for (unsigned window = 0; window < WINDOWS; window++)
		if (window_node(window) == (int)node)
			array->window_limit[window] = (uint16_t)min_size(limit, ARRAY_LIMIT_MAX);
	return array;
}

void array_serve(struct array_cache *array, const struct zone *zone)
{
	size_t first = (size_t)zone->base >> WINDOW_SHIFT;
	size_t last = ((size_t)zone->base + (zone->reserved_pages << PAGE_SHIFT) - 1) >> WINDOW_SHIFT;

	for (size_t window = 0; window < WINDOWS; window++)
		array->window_limit[window] = (uint16_t)
			(array->node == zone->node && window >= max_size(first, 1) && window <= last ?
			 min_size(array->limit, ARRAY_LIMIT_MAX) : 0);
}

void array_refuse_frees(struct array_cache *array)
{
	memset(array->window_limit, 0, sizeof(array->window_limit));
}

void array_delete(struct array_cache *array)
{
	if (array == NULL)
		return;
	slab_assert(array->avail == 0);
	if (array->memory_class < ARRAY_CLASSES)
		meta_free((enum meta_kind)array->memory_class, array);
	else
		pages_free(virt_to_head_page(array));
}

/*
 * apart.c: memory that never becomes another type's.
 *
 * A pointer that outlives its object then meets, at worst, another object of the same
 * type: what a reader under RCU counts with, and what takes from a use after free the
 * best of its uses. Slabs of such a cache don't go back to the page allocator. Their
 * memory goes to the OS; their addresses wait here, under the number of the type, for
 * the next slab of it, be it of a cache of the same name and size created later.
 *
 * Pages of a source (pages/source.h) are its owner's, and go back.
 */
#include "slab/slab.h"

#include "os/ops.h"

enum { BUCKETS = 64 };

struct lock apart_lock = LOCK_INIT(LOCK_RANK_ZONE);

/* By type number, under the lock. A bucket is made a list when it is first asked for. */
static struct list waiting[BUCKETS];

uint64_t type_number(const char *name, size_t size)
{
	uint64_t hash = size;

	for (size_t i = 0; name[i] != '\0'; i++)
		hash = (hash ^ (uint8_t)name[i]) * UINT64_C(0x100000001b3) ^ hash >> 47;
	return hash | 1;                /* 0: no type */
}

static struct list *bucket_of(uint64_t type)
{
	struct list *bucket = &waiting[(type >> 1) % BUCKETS];

	if (bucket->next == NULL)
		list_init(bucket);
	return bucket;
}

/* Where a handler's growing is given up, too: a system call more, which a handler may make. */
bool apart_keep(const struct slab_layout *layout, struct page *slab)
{
	if (layout->type == 0 || page_zone(slab)->from != NULL)
		return false;
	os_ops.purge(page_address(slab), slab_bytes(layout));   /* refused: it stays, unused */
	slab->type = layout->type;
	lock_take_unordered(&apart_lock);
	list_add_head(bucket_of(layout->type), &slab->list);
	lock_drop(&apart_lock);
	return true;
}

struct page *apart_take(const struct slab_layout *layout, unsigned node, bool may_block)
{
	struct page *found = NULL;

	if (!lock_take_if(&apart_lock, may_block))
		return NULL;
	list_for_each(link, bucket_of(layout->type)) {
		struct page *slab = list_entry(link, struct page, list);

		if (slab->type != layout->type || slab->order != layout->gfporder ||
		    page_node(slab) != node)
			continue;
		list_remove(&slab->list);
		found = slab;
		break;
	}
	lock_drop(&apart_lock);
	return found;
}

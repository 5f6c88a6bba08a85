/*
 * slab.h: one slab, a run of pages cut into objects of one cache.
 *
 * A slab's descriptor is its first page's (pages/page.h). Its life:
 *
 *    pages_alloc          node_add                    node_take/give
 *   ------------> TAKEN ----------> on the node's list free | partial | full
 *                   ^                                  |
 *                   +---- slab_release <---------------+  when free
 *
 * Invariants (slab_check):
 *   S1  active is the number of objects taken, 0 .. num.
 *   S2  freelist[active .. num) are the indices of the free objects, each once.
 *   S3  colour is one of the layout's, so that the last object ends within the slab.
 *   S4  with the list in a free object (OBJ), freelist is NULL just when active == num.
 *   S5  with a map (MAP), a bit is set for each free object and no other.
 *   S6  each of its pages has the cache's class byte, or 0 where it is no class.
 */
#ifndef SLAB_SLAB_H
#define SLAB_SLAB_H

#include "base/check.h"
#include "base/counter.h"
#include "pages/pages.h"
#include "slab/layout.h"

/*
 * From the slab's start to its first object. Where there is one colour nothing waits for the
 * descriptor: a test that always goes the same way costs less than a load.
 */
static inline size_t slab_lead(const struct slab_layout *layout, const struct page *slab)
{
	if (layout->colour <= 1)
		return layout->lead;
	return layout->lead + (size_t)slab->colour * layout->colour_off;
}

/* The kernel's s_mem. */
static inline char *slab_first(const struct slab_layout *layout, const struct page *slab)
{
	return (char *)page_address(slab) + slab_lead(layout, slab);
}

static inline void *index_to_obj(const struct slab_layout *layout, const struct page *slab,
				 unsigned index)
{
	return slab_first(layout, slab) + (size_t)index * layout->size;
}

static inline unsigned obj_to_index(const struct slab_layout *layout, const struct page *slab,
				    const void *object)
{
	uint32_t offset = (uint32_t)((const char *)object - slab_first(layout, slab));

	return reciprocal_divide(offset, layout->reciprocal_buffer_size);
}

/* Somebody wrote to memory that was free: there is no going on. */
NORETURN COLD void slab_list_overwritten(const struct page *slab);

/* What came back to its slab can't have been given. */
NORETURN COLD void slab_bad_free(const struct page *slab, size_t offset, const char *what);

/*
 * The byte stirred: set when an object of a slab with a map comes or goes, counted down by
 * who looks for memory to give back, which is so only taken from slabs that rest.
 */
enum { SLAB_AT_REST = 0, SLAB_STIRRED = 2 };

/* All 64 objects of a word, from @object on, the lowest last, below @stop. */
static inline void **word_take(void **stop, char *object, size_t size)
{
	for (void **at = stop; at > stop - 64; object += size)
		*--at = object;
	return stop - 64;
}

/*
 * The lowest up to @count free objects, the lowest last: arrays are popped from the
 * end, so the program gets them in ascending order, which its caches like.
 */
static inline unsigned map_take(const struct slab_layout *layout, struct page *slab,
				void **objects, unsigned count)
{
	unsigned taken = layout->num - slab->active;
	char *object = slab_first(layout, slab);
	size_t size = layout->size;
	void **stop;

	if (taken > count)
		taken = count;
	stop = objects + taken;
	for (uint64_t *word = slab->free_map; stop != objects; word++, object += 64 * size) {
		uint64_t map = *word;

		if (map == UINT64_MAX && stop - objects >= 64) {
			stop = word_take(stop, object, size);
			map = 0;
		}
		for (; map != 0 && stop != objects; map &= map - 1)
			*--stop = object + (unsigned)__builtin_ctzl(map) * size;
		*word = map;
	}
	slab->active += (uint16_t)taken;
	PAGE_SET(slab, stirred, SLAB_STIRRED);
	return taken;
}

/*
 * The index of what begins @behind bytes behind the first object, in 32.32 bits: times 2^32 / size,
 * rounded up. Of a multiple of size the fraction stays below per_byte, of nothing else.
 */
static inline uint64_t map_index(const struct slab_layout *layout, uint32_t behind)
{
	return (uint64_t)behind * layout->per_byte;
}

static inline bool map_has_object(const struct slab_layout *layout, uint64_t index)
{
	return (uint32_t)index < layout->per_byte && index >> 32 < layout->num;
}

/* The object that begins @offset bytes behind the slab's start comes back. */
static inline void map_put(const struct slab_layout *layout, struct page *slab, size_t offset)
{
	uint64_t index = map_index(layout, (uint32_t)(offset - slab_lead(layout, slab)));
	unsigned bit = (unsigned)(index >> 32) % 64;
	uint64_t *word, map;

	if (unlikely(!map_has_object(layout, index)))
		slab_bad_free(slab, offset, "is no object's start");
	word = &slab->free_map[index >> 38];
	map = *word;
	if (unlikely((map >> bit & 1) != 0))
		slab_bad_free(slab, offset, "is free already");         /* S5 */
	*word = map | UINT64_C(1) << bit;
	slab->active--;
	PAGE_SET(slab, stirred, SLAB_STIRRED);
}

/*
 * The next index of the list. A list in a free object (OBJ) is where a write after free
 * lands; what is no index never becomes an object.
 */
static inline unsigned listed_index(const struct slab_layout *layout, struct page *slab)
{
	unsigned index = slab->freelist[slab->active++];

	if (unlikely(index >= layout->num))
		slab_list_overwritten(slab);
	return index;
}

/* Take up to @count free objects. Returns how many. */
static inline unsigned slab_take_objs(const struct slab_layout *layout, struct page *slab,
				      void **objects, unsigned count)
{
	unsigned taken = 0;

	if (layout->placement == FREELIST_MAP)
		return map_take(layout, slab, objects, count);
	while (taken < count && slab->active < layout->num)
		objects[taken++] = index_to_obj(layout, slab, listed_index(layout, slab));
	return taken;
}

/* Give one back. The first to come back to a full OBJ slab holds the list from now on. */
static inline void list_put(const struct slab_layout *layout, struct page *slab, size_t offset)
{
	char *object = (char *)page_address(slab) + offset;
	unsigned index = obj_to_index(layout, slab, object);

	if (unlikely(index >= layout->num || index_to_obj(layout, slab, index) != object))
		slab_bad_free(slab, offset, "is no object's start");
	slab->active--;
	if (slab->freelist == NULL)
		slab->freelist = (uint8_t *)object;
	slab->freelist[slab->active] = (uint8_t)index;
}

static inline void slab_put_obj(const struct slab_layout *layout, struct page *slab,
				void *object)
{
	size_t offset = (size_t)((char *)object - (char *)page_address(slab));

	if (layout->placement == FREELIST_MAP)
		map_put(layout, slab, offset);
	else
		list_put(layout, slab, offset);
}

/* The last object of an OBJ slab has been taken, and with it the list's memory. */
static inline void slab_note_full(const struct slab_layout *layout, struct page *slab)
{
	if (layout->placement == FREELIST_OBJ)
		slab->freelist = NULL;
}

/*
 * A new slab on @node with colour number @colour, constructed, on no list; NULL when
 * pages or the off-slab list are refused. Called without locks.
 *
 * pages_alloc and slab_dress are apart because the pages decide the node, and the
 * node decides the colour.
 */
struct page *slab_pages(const struct slab_layout *layout, unsigned node, bool this_node,
			bool may_block);
void slab_pages_free(const struct slab_layout *layout, struct page *slab);
bool slab_dress(struct slab_layout *layout, struct page *slab, unsigned colour,
		bool may_block);

/* All objects are back: list memory and pages go. Called without locks. */
void slab_release(struct page *slab);

/*
 * Of a layout that lock-free readers look at: the hook keeps the slab, which stays as it
 * is, until they are gone, and then calls slab_release_now. NULL: they go at once.
 */
extern void (*slab_rcu_hook)(struct page *slab);
void slab_release_now(struct page *slab);

/* A slab goes that may have owners (account/owners.h): what says so goes too. */
extern void (*slab_owners_hook)(struct page *slab);

/* Walk S1 to S6. Under the node's lock. */
void slab_check(const struct page *slab);

/* random.c: the permutation for freelist_random; false when out of memory. */
bool layout_randomise(struct slab_layout *layout);
void layout_forget_random(struct slab_layout *layout);
void freelist_shuffle(const struct slab_layout *layout, struct page *slab);

/* @objects in another order, by *@state, which random_number() began. */
void batch_shuffle(uint64_t *state, void **objects, unsigned count);
uint64_t random_number(void);

/*
 * apart.c: layouts with a type number. Keep the pages of @slab, which is released, for the
 * next slab of its type; false: not this layout's way. Take such pages, NULL if there are
 * none. Called without locks.
 */
bool apart_keep(const struct slab_layout *layout, struct page *slab);
struct page *apart_take(const struct slab_layout *layout, unsigned node, bool may_block);

/* The same for caches of the same name and size; never 0. */
uint64_t type_number(const char *name, size_t size);

/* Across fork. */
extern struct lock apart_lock;

/* Slabs grown and released since the start, over all caches. */
extern counter_t slabs_grown, slabs_released;

/* This thread grew one since somebody asked (cache/growth.c). */
extern __thread bool slab_was_grown __attribute__((tls_model("initial-exec")));

#endif

/*
 * layout.c: size, alignment and flags -> order, objects, colours, free list's place.
 *
 * The three placements are tried from the cheapest on: a list in a free object costs
 * no memory at all; one in a kmalloc object pays when the slab has no room to spare;
 * the slab's own end always works if anything does.
 *
 * Source of all rules and constants: Linux's SLAB, and the tables it printed, with
 * which tools/oracle compares every field.
 */
#include "slab/layout.h"

#include <errno.h>

#include "base/bits.h"
#include "base/check.h"

unsigned layout_default_max_order(size_t memory_bytes)
{
	return memory_bytes > (size_t)32 << 20 ? 1 : 0;
}

unsigned calculate_alignment(bool hwcache_align, unsigned align, unsigned size)
{
	if (hwcache_align) {
		unsigned line = CACHE_LINE_BYTES;

		while (size <= line / 2)
			line /= 2;
		align = (unsigned)max_size(align, line);
	}
	return (unsigned)align_up(max_size(align, sizeof(void *)), sizeof(void *));
}

unsigned calculate_stride(unsigned size, unsigned align, bool fast)
{
	unsigned stride = (unsigned)align_up(size, align);

	if (fast && align <= CACHE_LINE_BYTES && stride % (PAGE_BYTES / 2) == 0 &&
	    stride <= 2 * PAGE_BYTES)
		stride += CACHE_LINE_BYTES;
	return stride;
}

/* What one order would give. */
struct estimate {
	unsigned num, order, left_over;
};

/* On the slab's own pages every object brings one byte of list along. */
static struct estimate cache_estimate(unsigned size, unsigned order,
				      enum freelist_placement placement)
{
	size_t bytes = PAGE_BYTES << order;
	size_t each = size + (placement == FREELIST_ON ? 1 : 0);

	return (struct estimate){
		.num = (unsigned)(bytes / each),
		.order = order,
		.left_over = (unsigned)(bytes % each),
	};
}

/* An off-slab list must not cost more than half an object, nor be off-slab itself. */
static bool off_slab_pays(const struct layout_request *request, unsigned num)
{
	size_t holder = request->source != NULL ? request->source->size_of(num) : 0;

	return holder != 0 && holder <= request->size / 2;
}

/* At most the @part-th part. */
static bool wastes_within(const struct estimate *e, unsigned part)
{
	return (size_t)e->left_over * part <= PAGE_BYTES << e->order;
}

static bool wastes_little(const struct estimate *e)
{
	return wastes_within(e, 8);
}

static bool is_good_enough(const struct layout_request *request, const struct estimate *e)
{
	return request->reclaimable || e->order >= request->max_order || wastes_little(e);
}

/* The first order that wastes little. num 0: none fits. */
static struct estimate calculate_slab_order(const struct layout_request *request,
		unsigned size, enum freelist_placement placement)
{
	struct estimate best = { 0 };

	for (unsigned order = 0; order <= SLAB_ORDER_MAX; order++) {
		struct estimate e = cache_estimate(size, order, placement);

		if (e.num == 0)
			continue;
		if (e.num > SLAB_OBJECTS_MAX)
			break;
		if (placement == FREELIST_OFF && !off_slab_pays(request, e.num))
			continue;
		best = e;
		if (is_good_enough(request, &e))
			break;
	}
	return best;
}

/*
 * With a map a slab's untouched pages cost nothing but addresses, so slabs may be
 * larger: 128 objects, or 32 KiB (64 where 32 waste a tenth). Fewer descriptors and
 * lists are then walked for a batch, and more of it is consecutive.
 */
static struct estimate map_order(const struct layout_request *request, unsigned size)
{
	enum { LARGE = 3, ORDER_MAX = 4, ENOUGH = 128 };
	struct estimate best = { 0 };

	for (unsigned order = 0; order <= ORDER_MAX && best.num < ENOUGH; order++) {
		struct estimate e = cache_estimate(size, order, FREELIST_MAP);

		if (e.num > SLAB_MAP_MAX)
			break;
		if (order > LARGE && best.num != 0 && wastes_within(&best, 10))
			break;
		if (e.num != 0 && wastes_little(&e))
			best = e;
	}
	return best.num != 0 ? best : calculate_slab_order(request, size, FREELIST_MAP);
}

static bool place_in_map(const struct layout_request *request, struct estimate *e,
			 unsigned size)
{
	if (!request->fast)
		return false;
	*e = map_order(request, size);
	return e->num != 0 && e->num <= SLAB_MAP_MAX;
}

static bool place_in_object(const struct layout_request *request, struct estimate *e,
			    unsigned size)
{
	if (request->ctor != NULL || request->no_obj_list)
		return false;
	*e = calculate_slab_order(request, size, FREELIST_OBJ);
	return e->num != 0 && e->num <= request->size;
}

static bool place_off_slab(const struct layout_request *request, struct estimate *e,
			   unsigned size)
{
	if (request->no_off_slab)
		return false;
	*e = calculate_slab_order(request, size, FREELIST_OFF);
	return e->num != 0 && e->left_over < e->num;
}

static bool place_on_slab(const struct layout_request *request, struct estimate *e,
			  unsigned size)
{
	*e = calculate_slab_order(request, size, FREELIST_ON);
	return e->num != 0;
}

/*
 * With checks: table and list come first, so that running over the end of an object
 * meets its zone and then the next object, whose zone tells too. Orders may be high: pages
 * that only lie between large objects are never touched.
 */
static bool place_checked(const struct layout_request *request, struct slab_layout *layout,
			  struct estimate *e)
{
	enum { ORDER_ENOUGH = 4 };

	for (unsigned order = 0; order <= SLAB_ORDER_MAX; order++) {
		size_t bytes = PAGE_BYTES << order, lead = 0;
		size_t num = min_size(bytes / (layout->size + request->entry_bytes + 1),
				      SLAB_OBJECTS_MAX);

		for (; num != 0; num--) {
			lead = align_up(num * (request->entry_bytes + 1) + request->zone_bytes / 2,
					layout->align);
			if (lead + num * layout->size <= bytes)
				break;
		}
		if (num == 0)
			continue;
		*e = (struct estimate){ .num = (unsigned)num, .order = order,
					.left_over = (unsigned)(bytes - lead - num * layout->size) };
		layout->lead = (unsigned)lead;
		layout->list_offset = (unsigned)num * request->entry_bytes;
		if ((bytes - num * (layout->size + request->entry_bytes + 1)) * 8 <= bytes ||
		    order >= ORDER_ENOUGH)
			break;
	}
	layout->placement = FREELIST_ON;
	return e->num != 0;
}

/* The first placement that works; -E2BIG if none does. */
static int place_freelist(const struct layout_request *request, struct slab_layout *layout,
			  struct estimate *e)
{
	if (request->entry_bytes != 0)
		return place_checked(request, layout, e) ? 0 : -E2BIG;
	if (place_in_map(request, e, layout->size))
		layout->placement = FREELIST_MAP;
	else if (place_in_object(request, e, layout->size))
		layout->placement = FREELIST_OBJ;
	else if (place_off_slab(request, e, layout->size))
		layout->placement = FREELIST_OFF;
	else if (place_on_slab(request, e, layout->size))
		layout->placement = FREELIST_ON;
	else
		return -E2BIG;
	return 0;
}

int layout_init(struct slab_layout *layout, const struct layout_request *request)
{
	unsigned align = calculate_alignment(request->hwcache_align, request->align,
					     request->size);
	unsigned bytes = (unsigned)align_up(request->size, sizeof(void *)) + request->zone_bytes;
	unsigned size = calculate_stride((unsigned)max_size(bytes, OBJECT_SIZE_MIN), align,
					 request->fast);
	struct estimate e = { 0 };
	int error;

	*layout = (struct slab_layout){
		.object_size = request->size,
		.size = size,
		.align = align,
		.colour_off = (unsigned)max_size(CACHE_LINE_BYTES, align),
		.ctor = request->ctor,
		.source = request->source,
		.lazy_lists = request->fast,
	};
	error = place_freelist(request, layout, &e);
	if (error != 0)
		return error;
	layout->num = e.num;
	layout->gfporder = e.order;
	layout->colour = e.left_over / layout->colour_off;
	layout->freelist_size = layout->placement == FREELIST_MAP ? 0 : e.num;
	if (request->entry_bytes == 0)
		layout->list_offset = (unsigned)slab_bytes(layout) - layout->freelist_size;
	layout->reciprocal_buffer_size = reciprocal_value(size);
	layout->per_byte = (uint32_t)(((UINT64_C(1) << 32) + size - 1) / size);
	if (layout->placement == FREELIST_OFF)
		layout->freelist_cache_size = (unsigned)request->source->size_of(e.num);
	layout_check(layout);
	return 0;
}

void layout_check(const struct slab_layout *l)
{
	size_t colours = max_size(l->colour, 1) - 1;
	size_t list = l->placement == FREELIST_ON ? l->freelist_size : 0;

	slab_assert(l->num >= 1 && l->num <= (l->placement == FREELIST_MAP ? SLAB_MAP_MAX :
					      SLAB_OBJECTS_MAX));                     /* L1 */
	slab_assert(l->lead + colours * l->colour_off + (size_t)l->num * l->size +
		    (l->lead == 0 ? list : 0) <= slab_bytes(l));                      /* L2 */
	slab_assert(l->size % l->align == 0 && l->colour_off % l->align == 0);        /* L3 */
	slab_assert(l->placement != FREELIST_OBJ || l->freelist_size <= l->object_size); /* L4 */
}

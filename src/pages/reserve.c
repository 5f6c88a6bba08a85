/*
 * reserve.c: address space for the zones, and memory behind it as it is needed.
 *
 * Each node gets one range of addresses, so that address -> zone -> descriptor is
 * arithmetic. The ranges are reserved, not paid for: PROT_NONE, and made usable from
 * the bottom up in steps. Descriptors stand in a range of their own, so that an
 * overflow of objects can't reach them.
 *
 * The address space has 16 windows of 8 TiB; a node's range lies in one of them, in a
 * window of its own if it can be had (arch/array_cache.h says what for). Windows that
 * programs, libraries and stacks usually occupy come last.
 */
#include <errno.h>
#include <stdlib.h>
#include <unistd.h>

#include "base/bits.h"
#include "base/check.h"
#include "base/uncancelled.h"
#include "arch/array_cache.h"
#include "os/ops.h"
#include "os/options.h"
#include "os/topology.h"
#include "pages/pages.h"

enum {
	RUN_BYTES_MAX = 4 << 20,
	GAP_BYTES = 64 << 10,           /* chosen: 16 pages that no access crosses unseen */
	WINDOW_MIXED = -2,
	WINDOW_EMPTY = -1,
};

struct zone zones[ZONES_MAX] LONG_TABLE;
_Atomic unsigned zones_count;
static int8_t window_owner[WINDOWS];

int window_node(unsigned window)
{
	return window_owner[window];
}

struct zone *zone_search(const void *address)
{
	for (unsigned number = 0; number < zones_count; number++) {
		struct zone *zone = &zones[number];
		size_t pages = zone->committed_pages;   /* first: a source's are set last */

		if ((size_t)((const char *)address - zone->base) >> PAGE_SHIFT < pages)
			return zone;
	}
	return NULL;
}

/*
 * What a node may reserve. By default eight times the machine's memory, at least
 * 64 GiB: fragmentation must not run out of addresses, and page tables are made only
 * for what is used. Under RLIMIT_AS half of what is left, shared by the
 * nodes: the program needs the rest for its stacks and libraries.
 */
static size_t bytes_to_reserve(void)
{
	size_t bytes = max_size(topology.memory_bytes * 8, (size_t)64 << 30);
	size_t left = limit_left();

	if (options.reserve_mib != 0)
		bytes = align_up((size_t)options.reserve_mib << 20, RUN_BYTES_MAX);
	bytes = min_size(bytes, (size_t)4 << 40);
	if (left != SIZE_MAX)
		bytes = min_size(bytes, left / 2 / topology.nodes);
	return align_down(bytes, RUN_BYTES_MAX);
}

/* A place in @window, on a 4 MiB boundary, random so that addresses tell nothing. */
static void *hint_in(unsigned window, size_t bytes)
{
	size_t room = ((size_t)1 << WINDOW_SHIFT) - bytes - RUN_BYTES_MAX, random = 0;

	if (uncancelled_random(&random, sizeof(random)) < 0)
		random = 0;
	return (char *)(((size_t)window << WINDOW_SHIFT) +
			align_down(random % (room / 2), RUN_BYTES_MAX) + RUN_BYTES_MAX);
}

static bool window_is_empty(unsigned window)
{
	return window_owner[window] == WINDOW_EMPTY;
}

/* One range of @bytes in an empty window; anywhere if there is none. */
static int reserve_range(size_t bytes, void **out)
{
	static const uint8_t order[] = { 4, 5, 6, 7, 8, 9, 11, 12, 13, 3, 14 };

	for (size_t i = 0; i < ARRAY_LENGTH(order) && !UNDER_TSAN; i++)
		if (window_is_empty(order[i]) &&
		    os_ops.reserve(hint_in(order[i], bytes), bytes, out) == 0)
			return 0;
	return os_ops.reserve(NULL, bytes, out);
}

int apart_range(size_t bytes, void **out)
{
	size_t first, last;
	int error = reserve_range(bytes, out);

	if (error != 0)
		return error;
	first = (size_t)*out >> WINDOW_SHIFT;
	last = ((size_t)*out + bytes - 1) >> WINDOW_SHIFT;
	for (size_t window = first; window <= last; window++)
		if (!window_is_empty((unsigned)window)) {
			os_ops.unreserve(*out, bytes);
			return -ENOMEM;
		}
	return 0;
}

/* NULL lies in the first window, so that is nobody's: a hit must not take it for an object. */
static void own_windows(const char *base, size_t bytes, unsigned node)
{
	size_t first = (size_t)base >> WINDOW_SHIFT;
	size_t last = ((size_t)base + bytes - 1) >> WINDOW_SHIFT;

	for (size_t window = first; window <= last && window < WINDOWS; window++)
		window_owner[window] = (int8_t)(window != 0 && window_is_empty((unsigned)window) ?
						(int)node : WINDOW_MIXED);
}

/*
 * Class bytes, descriptors and the heap, in one mapping, with gaps that nobody may touch before
 * the first, before the heap and behind it. Each is used from its start on; those of the first
 * two are near each other and spare a page of page table so. The heap's start is put on a 4 MiB
 * boundary, which a mapping without a hint may miss.
 */
static int zone_reserve(struct zone *zone, unsigned node, size_t bytes)
{
	size_t pages = bytes >> PAGE_SHIFT, map_bytes = pages * sizeof(struct page);
	size_t before = GAP_BYTES + align_up(pages, PAGE_BYTES) + map_bytes + GAP_BYTES;
	int error;

	zone->range_bytes = before + RUN_BYTES_MAX + bytes + GAP_BYTES;
	error = reserve_range(zone->range_bytes, &zone->range);
	if (error != 0)
		return error;
	zone->base = (char *)align_up((size_t)zone->range + before, RUN_BYTES_MAX);
	zone->map = (struct page *)(void *)(zone->base - GAP_BYTES - map_bytes);
	set_classes(zone, (uint8_t *)zone->map - align_up(pages, PAGE_BYTES));
	zone->reserved_pages = bytes >> PAGE_SHIFT;
	zone->node = node;
	lock_init(&zone->lock, LOCK_RANK_ZONE);
	for (unsigned order = 0; order <= MAX_ORDER; order++)
		list_init(&zone->free[order]);
	own_windows(zone->base, bytes, node);
	if (topology.nodes > 1 && !topology.fake &&
	    os_ops.bind(zone->base, bytes, topology.os_node[node]) != 0)
		slab_log("node %u: memory can't be bound, it may come from elsewhere", node);
	return 0;
}

static void zones_unreserve(unsigned count)
{
	for (unsigned node = 0; node < count; node++) {
		struct zone *zone = &zones[node];

		os_ops.unreserve(zone->range, zone->range_bytes);
		zone->reserved_pages = 0;
	}
}

/* All nodes the same, so that a node's share does not depend on its number. */
static int reserve_all(size_t bytes)
{
	for (unsigned window = 0; window < WINDOWS; window++)
		window_owner[window] = WINDOW_EMPTY;
	for (unsigned node = 0; node < topology.nodes; node++) {
		int error = zone_reserve(&zones[node], node, bytes);

		if (error != 0) {
			zones_unreserve(node);
			return error;
		}
	}
	return 0;
}

/* Where addresses are scarce (a container, a sanitizer) less must do. */
int zones_reserve(void)
{
	size_t bytes = bytes_to_reserve();
	int error = -ENOMEM;

	for (; bytes >= RUN_BYTES_MAX; bytes = align_down(bytes / 2, RUN_BYTES_MAX)) {
		error = reserve_all(bytes);
		if (error == 0)
			break;
	}
	zones_count = error == 0 ? topology.nodes : 0;
	return error;
}

/* Steps of 4 MiB, growing to 64 MiB: few system calls for large heaps. */
static size_t commit_step(const struct zone *zone)
{
	size_t step = align_up(zone->committed_pages / 8 + 1, RUN_PAGES_MAX);
	size_t left = zone->reserved_pages - zone->committed_pages;

	return min_size(min_size(step, 16 * RUN_PAGES_MAX), left);
}

/* A page of class bytes serves several steps. */
static bool commit_classes(struct zone *zone, size_t count)
{
	size_t done = align_up(zone->committed_pages, PAGE_BYTES);
	size_t end = align_up(zone->committed_pages + count, PAGE_BYTES);

	return end == done || os_ops.commit(zone->classes + done, end - done) == 0;
}

static bool commit_pages(struct zone *zone, size_t count)
{
	struct page *first = &zone->map[zone->committed_pages];

	return os_ops.commit(first, count * sizeof(struct page)) == 0 &&
	       commit_classes(zone, count) &&
	       os_ops.commit(page_address_in(zone, first), count << PAGE_SHIFT) == 0;
}

/* Under the zone's lock. Committed pages are whole runs of the largest order. */
bool zone_commit_more(struct zone *zone)
{
	size_t count = commit_step(zone);

	if (count == 0 || !limit_allows(min_size(count, RUN_PAGES_MAX) << PAGE_SHIFT))
		return false;
	if (!limit_allows(count << PAGE_SHIFT))
		count = RUN_PAGES_MAX;
	if (!commit_pages(zone, count)) {
		count = RUN_PAGES_MAX;
		if (!commit_pages(zone, count))
			return false;
	}
	for (size_t done = 0; done < count; done += RUN_PAGES_MAX) {
		struct page *head = &zone->map[zone->committed_pages];

		zone->committed_pages += RUN_PAGES_MAX;
		zone->committed_grains = zone->committed_pages << (PAGE_SHIFT - ZONE_GRAIN_SHIFT);
		head->zone = zone_number(zone);
		buddy_give(zone, head, MAX_ORDER, false);
	}
	return true;
}

static void give_back(void *from, void *to)
{
	char *first = (char *)align_up((size_t)from, PAGE_BYTES);
	char *end = (char *)align_down((size_t)to, PAGE_BYTES);

	if (first < end)
		os_ops.unreserve(first, (size_t)(end - first));
}

/* A gap stays behind the heap. */
void zone_give_back_reserve(struct zone *zone, size_t spare_pages)
{
	size_t old = zone->reserved_pages, kept;

	lock_take(&zone->lock);
	kept = align_up(zone->committed_pages + spare_pages, RUN_PAGES_MAX);
	if (kept < old) {
		zone->reserved_pages = kept;
		give_back(zone->base + (kept << PAGE_SHIFT) + GAP_BYTES,
			  zone->base + (old << PAGE_SHIFT));
		give_back(&zone->map[kept], &zone->map[old]);
		give_back(zone->classes + align_up(kept, PAGE_BYTES), zone->classes + old);
	}
	lock_drop(&zone->lock);
}

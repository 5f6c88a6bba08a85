#include "debug/quarantine.h"

#include "base/bits.h"
#include "base/counter.h"
#include "os/ops.h"
#include "os/options.h"

/* Chosen: as many places as the budget holds objects of 64 bytes, 16 MiB of ring at most. */
enum { BYTES_A_PLACE = 64, PLACES_MAX = 1 << 20 };

struct lock quarantine_lock = LOCK_INIT(LOCK_RANK_QUARANTINE);
void (*quarantine_exit)(struct slab_layout *layout, void *const *objects, unsigned count,
			       bool looks);

struct held {
	void *object;
	struct slab_layout *layout;
};

/* Of one cache, on their way home. */
struct leaving {
	struct slab_layout *layout;
	unsigned count;
	void *objects[QUARANTINE_EXITS_MAX];
};

/* ring[first .. first + count), modulo places. */
static struct held *ring;
static size_t places, first, count, held_bytes;

/* How many threads took some out and have not brought them home yet, by cache. */
enum { WAYS = 64 };
static _Atomic unsigned on_the_way[WAYS];

void quarantine_init(void)
{
	size_t wanted = options.debug.quarantine / BYTES_A_PLACE;
	void *memory;

	if (ring != NULL || wanted == 0)
		return;
	wanted = min_size(wanted, PLACES_MAX);
	if (os_ops.map(align_up(wanted * sizeof(struct held), PAGE_BYTES), &memory) != 0)
		return;
	places = wanted;
	__atomic_store_n(&ring, memory, __ATOMIC_RELEASE);
}

static struct held take_oldest(void)
{
	struct held oldest = ring[first];

	ring[first].object = NULL;      /* ukmem leaks would take it for a reference */
	first = first + 1 == places ? 0 : first + 1;
	count--;
	held_bytes -= oldest.layout->size;
	return oldest;
}

static void put_youngest(struct held held)
{
	size_t place = first + count++;

	ring[place < places ? place : place - places] = held;
	held_bytes += held.layout->size;
}

static _Atomic unsigned *way_of(const struct slab_layout *layout)
{
	return &on_the_way[(uintptr_t)layout / sizeof(*layout) % WAYS];
}

/*
 * When there is no room for @bytes more, some of the oldest leave, of one cache: whose is
 * the oldest, as far as they stand together.
 */
static void make_room(size_t bytes, struct leaving *leaving)
{
	size_t budget = options.debug.quarantine;

	leaving->count = 0;
	if (count < places && held_bytes + bytes <= budget)
		return;
	leaving->layout = ring[first].layout;
	atomic_fetch_add(way_of(leaving->layout), 1);
	while (count != 0 && leaving->count < QUARANTINE_EXITS_MAX &&
	       ring[first].layout == leaving->layout &&
	       (count >= places - places / 8 || held_bytes + bytes > budget - budget / 8))
		leaving->objects[leaving->count++] = take_oldest().object;
}

bool quarantine_hold(struct slab_layout *layout, void *object)
{
	struct leaving leaving;
	bool fits;

	if (__atomic_load_n(&ring, __ATOMIC_ACQUIRE) == NULL ||
	    layout->size > options.debug.quarantine)
		return false;
	do {
		lock_take(&quarantine_lock);
		make_room(layout->size, &leaving);
		fits = count < places && held_bytes + layout->size <= options.debug.quarantine;
		if (fits)
			put_youngest((struct held){ object, layout });
		lock_drop(&quarantine_lock);
		if (leaving.count != 0) {
			quarantine_exit(leaving.layout, leaving.objects, leaving.count, false);
			leave_counted(way_of(leaving.layout));
		}
	} while (!fits);
	return true;
}

/* Once around: what stays is put in again at the end, so the order is kept. */
static void collect(const struct slab_layout *layout, struct leaving *leaving)
{
	leaving->count = 0;
	for (size_t left = count; left != 0; left--) {
		struct held held = take_oldest();

		if (leaving->count == 0 && layout == NULL)
			leaving->layout = held.layout;
		if (leaving->count < QUARANTINE_EXITS_MAX &&
		    held.layout == (layout != NULL ? layout : leaving->layout))
			leaving->objects[leaving->count++] = held.object;
		else
			put_youngest(held);
	}
}

/* Who lets go of all wants to see it at home; while others go on freeing that may never be. */
static void await_others(const struct slab_layout *layout)
{
	enum { PATIENCE_MS = 100 };

	await_none(way_of(layout), PATIENCE_MS);
}

void quarantine_after_fork(void)
{
	for (unsigned way = 0; way < WAYS; way++)
		atomic_store(&on_the_way[way], 0);
}

void quarantine_release(struct slab_layout *layout)
{
	struct leaving leaving = { .layout = layout };

	if (ring == NULL)
		return;
	do {
		lock_take(&quarantine_lock);
		collect(layout, &leaving);
		lock_drop(&quarantine_lock);
		if (leaving.count != 0)
			quarantine_exit(leaving.layout, leaving.objects, leaving.count, true);
	} while (leaving.count != 0);
	if (layout != NULL)
		await_others(layout);
}

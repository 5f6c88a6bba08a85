#include "debug/quarantine.h"

#include "base/bits.h"
#include "os/ops.h"
#include "os/options.h"

/* Chosen: as many places as the budget holds objects of 64 bytes, 8 MiB of ring at most. */
enum { BYTES_A_PLACE = 64, PLACES_MAX = 1 << 20, EXITS_AT_ONCE = 64 };

struct lock quarantine_lock = LOCK_INIT(LOCK_RANK_QUARANTINE);
void (*quarantine_exit)(void *object);

/* ring[first .. first + count), modulo places. */
static void **ring;
static size_t places, first, count, held_bytes;

void quarantine_init(void)
{
	size_t wanted = options.debug.quarantine / BYTES_A_PLACE;
	void *memory;

	if (ring != NULL || wanted == 0)
		return;
	wanted = min_size(wanted, PLACES_MAX);
	if (os_ops.map(align_up(wanted * sizeof(void *), PAGE_BYTES), &memory) != 0)
		return;
	places = wanted;
	__atomic_store_n(&ring, memory, __ATOMIC_RELEASE);
}

static size_t bytes_of(const void *object)
{
	return virt_to_head_page(object)->layout->size;
}

static void *take_oldest(void)
{
	void *object = ring[first];

	ring[first] = NULL;             /* ukmem leaks would take it for a reference */
	first = (first + 1) % places;
	count--;
	held_bytes -= bytes_of(object);
	return object;
}

/* Make room for @bytes more. Returns how many objects must leave. */
static unsigned make_room(size_t bytes, void **leaving)
{
	unsigned n = 0;

	while (count != 0 && n < EXITS_AT_ONCE &&
	       (count == places || held_bytes + bytes > options.debug.quarantine))
		leaving[n++] = take_oldest();
	return n;
}

static void let_go(void *const *leaving, unsigned n)
{
	for (unsigned i = 0; i < n; i++)
		quarantine_exit(leaving[i]);
}

bool quarantine_hold(void *object)
{
	void *leaving[EXITS_AT_ONCE];
	size_t bytes = bytes_of(object);
	unsigned n;
	bool fits;

	if (__atomic_load_n(&ring, __ATOMIC_ACQUIRE) == NULL || bytes > options.debug.quarantine)
		return false;
	lock_take(&quarantine_lock);
	n = make_room(bytes, leaving);
	fits = count < places;
	if (fits) {
		ring[(first + count++) % places] = object;
		held_bytes += bytes;
	}
	lock_drop(&quarantine_lock);
	let_go(leaving, n);
	return fits;
}

/* Once around: what stays is put in again at the end, so the order is kept. */
static unsigned collect(const struct slab_layout *layout, void **leaving)
{
	unsigned n = 0;

	for (size_t left = count; left != 0; left--) {
		void *object = take_oldest();

		if (n < EXITS_AT_ONCE &&
		    (layout == NULL || virt_to_head_page(object)->layout == layout)) {
			leaving[n++] = object;
			continue;
		}
		ring[(first + count++) % places] = object;
		held_bytes += bytes_of(object);
	}
	return n;
}

void quarantine_release(const struct slab_layout *layout)
{
	void *leaving[EXITS_AT_ONCE];
	unsigned n;

	if (ring == NULL)
		return;
	do {
		lock_take(&quarantine_lock);
		n = collect(layout, leaving);
		lock_drop(&quarantine_lock);
		let_go(leaving, n);
	} while (n == EXITS_AT_ONCE);
}

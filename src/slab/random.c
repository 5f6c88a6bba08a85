/*
 * random.c: hand objects out in an order that an attacker can't know.
 *
 * One permutation for each cache (Fisher-Yates), and for each slab a random place in
 * it to start from: a fresh shuffle for every slab would cost more than the slab.
 */
#include <sys/random.h>

#include "base/check.h"
#include "os/clock.h"
#include "slab/slab.h"

/* SplitMix64 (Steele, Lea, Flood 2014): small, no state worth protecting. */
static uint64_t next_random(_Atomic uint64_t *state)
{
	uint64_t z = atomic_fetch_add_explicit(state, 0x9e3779b97f4a7c15u,
					       memory_order_relaxed) + 0x9e3779b97f4a7c15u;

	z = (z ^ (z >> 30)) * 0xbf58476d1ce4e5b9u;
	z = (z ^ (z >> 27)) * 0x94d049bb133111ebu;
	return z ^ (z >> 31);
}

static uint32_t random_below(uint32_t n)
{
	static _Atomic uint64_t state;
	uint64_t seed;

	if (atomic_load_explicit(&state, memory_order_relaxed) == 0) {
		if (getrandom(&seed, sizeof(seed), GRND_NONBLOCK) != sizeof(seed))
			seed = clock_ms() ^ (uintptr_t)&seed;
		atomic_store_explicit(&state, seed | 1, memory_order_relaxed);
	}
	return (uint32_t)((next_random(&state) >> 32) * n >> 32);
}

/* One page of permutations would serve 16 caches; a page each keeps it simple. */
bool layout_randomise(struct slab_layout *layout)
{
	struct page *page = pages_alloc_any(0, 0, true, NULL);
	uint8_t *order;

	if (page == NULL)
		return false;
	order = page_address(page);
	for (unsigned i = 0; i < layout->num; i++)
		order[i] = (uint8_t)i;
	for (unsigned i = layout->num - 1; i > 0; i--) {
		unsigned j = random_below(i + 1);
		uint8_t kept = order[i];

		order[i] = order[j];
		order[j] = kept;
	}
	layout->random_order = order;
	return true;
}

void layout_forget_random(struct slab_layout *layout)
{
	if (layout->random_order != NULL)
		pages_free(virt_to_head_page(layout->random_order));
	layout->random_order = NULL;
}

/* With the list in a free object, that object must be the last one handed out. */
void freelist_shuffle(const struct slab_layout *layout, struct page *slab)
{
	unsigned start = random_below(layout->num);
	unsigned last = layout->random_order[(start + layout->num - 1) % layout->num];

	if (layout->placement == FREELIST_OBJ)
		slab->freelist = index_to_obj(layout, slab, last);
	for (unsigned i = 0; i < layout->num; i++)
		slab->freelist[i] = layout->random_order[(start + i) % layout->num];
}

/*
 * random.c: hand objects out in an order that an attacker can't know.
 *
 * hardening:on: each batch that leaves the slabs is shuffled (batch_shuffle). That is
 * whatever a free list looks like, and costs a multiplication an object.
 *
 * freelist_random:on, as in Linux:
 * One permutation for each cache (Fisher-Yates), and for each slab a random place in
 * it to start from: a fresh shuffle for every slab would cost more than the slab.
 */
#include <string.h>

#include "base/check.h"
#include "base/uncancelled.h"
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

uint64_t random_number(void)
{
	static _Atomic uint64_t state;
	uint64_t seed;

	if (atomic_load_explicit(&state, memory_order_relaxed) == 0) {
		if (uncancelled_random(&seed, sizeof(seed)) != sizeof(seed))
			seed = clock_ms() ^ (uintptr_t)&seed;
		atomic_store_explicit(&state, seed | 1, memory_order_relaxed);
	}
	return next_random(&state);
}

static uint32_t random_below(uint32_t n)
{
	return (uint32_t)((random_number() >> 32) * n >> 32);
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

enum { BLOCK = 16 };

/* Knuth's generator: one step, and its upper half is good enough. */
static inline unsigned step_below(uint64_t *state, unsigned n)
{
	*state = *state * 6364136223846793005u + 1442695040888963407u;
	return (unsigned)((*state >> 32) * n >> 32);
}

static void shuffle_few(uint64_t *state, void **objects, unsigned count)
{
	for (unsigned i = count; i-- > 1;) {
		unsigned j = step_below(state, i + 1);
		void *kept = objects[i];

		objects[i] = objects[j];
		objects[j] = kept;
	}
}

static void choose_order(uint64_t *state, uint8_t *order)
{
	for (unsigned i = 0; i < BLOCK; i++) {
		unsigned j = step_below(state, i + 1);

		order[i] = order[j];
		order[j] = (uint8_t)i;
	}
}

void batch_shuffle(uint64_t *state, void **objects, unsigned count)
{
	uint8_t order[BLOCK] = { 0 };

	if (count >= BLOCK)
		choose_order(state, order);
	for (; count >= BLOCK; count -= BLOCK, objects += BLOCK) {
		void *block[BLOCK];

		memcpy(block, objects, sizeof(block));
		for (unsigned i = 0; i < BLOCK; i++)
			objects[i] = block[order[i]];
	}
	shuffle_few(state, objects, count);
}

/*
 * random.c: hand objects out in an order that an attacker can't know.
 *
 * hardening:on: each batch that leaves the slabs is shuffled (batch_shuffle), whatever a
 * free list looks like.
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

/*
 * A batch is dealt into at most so many piles, a block at a time: who knows one object knows the next
 * to be one of twice as many, since it may also be dealt from its end.
 */
enum { BLOCK = 32, PILES = 4, PIECE = 4 * BLOCK };

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

/* How a block of a batch is dealt; @step: 1, or -1 when it is dealt from its end. */
struct order {
	int step;
	int8_t card[BLOCK];
};

/* One card to each pile in turn; then the piles are laid upon each other. */
static void choose_order(uint64_t *state, struct order *order)
{
	int piles = 1 + (int)step_below(state, PILES), pile = 0, card = 0;

	order->step = 1 - 2 * (int)step_below(state, 2);
	for (unsigned i = 0; i < BLOCK; i++) {
		order->card[i] = (int8_t)(card * order->step);
		card += piles;
		if (card >= BLOCK)
			card = ++pile;
	}
}

/* @count: whole blocks. */
static void deal(const struct order *order, void **objects, unsigned count)
{
	void *cards[PIECE];
	int first = order->step > 0 ? 0 : (int)count - 1;

	memcpy(cards, objects, count * sizeof(void *));
	for (void **end = objects + count; objects != end; objects += BLOCK) {
		for (unsigned i = 0; i < BLOCK; i++)
			objects[i] = cards[first + order->card[i]];
		first += BLOCK * order->step;
	}
}

/*
 * Objects in a pile lie at equal distances, and pages follow each other: a program that visits
 * its objects in the order in which it got them has them fetched ahead (decision 11).
 */
void batch_shuffle(uint64_t *state, void **objects, unsigned count)
{
	struct order order;

	if (count >= BLOCK)
		choose_order(state, &order);
	while (count >= BLOCK) {
		unsigned piece = count < PIECE ? count - count % BLOCK : PIECE;

		deal(&order, objects, piece);
		objects += piece;
		count -= piece;
	}
	shuffle_few(state, objects, count);
}

/*
 * table.h: what is known of each object of a slab with checks, out of the objects' reach.
 *
 * One entry an object, at the start of the slab. A state belongs to whoever moved it:
 *
 *           allocated                          may_free
 *    FREE ------------> BUSY ------> LIVE ---------------> BUSY -----> FREE or HELD
 *     ^                                                                  |
 *     +------------------------- leaves the quarantine ------------------+
 *
 * Only one thread wins the step into BUSY; a second free of the object, or a second
 * hand-out, fails there.
 */
#ifndef DEBUG_TABLE_H
#define DEBUG_TABLE_H

#include <stdatomic.h>
#include <string.h>

#include <ukmem/slab.h>

#include "debug/depot.h"
#include "slab/slab.h"

enum object_state { OBJECT_FREE, OBJECT_BUSY, OBJECT_LIVE, OBJECT_HELD };

/* Who did it, in 10 bytes: small objects feel each. */
struct __attribute__((packed, aligned(2))) track {
	uint64_t stack : STACK_BITS;    /* in the depot; 0: not known */
	uint64_t cpu : 10;              /* modulo 1024 */
	uint64_t thread : 22;           /* Linux has at most 2^22 */
	uint64_t tick : 26;             /* of 16 ms, low bits: comes round after 12 days */
};

static_assert(sizeof(struct track) == 10, "as tools/inspect/owners.c reads it");

enum { TICK_SHIFT = 4 };

/* By two stores: field by field takes six times as many instructions. */
static inline void track_set(struct track *track, uint32_t stack, unsigned cpu, uint32_t thread,
			     uint32_t tick)
{
	uint64_t low = stack | (uint64_t)(cpu & 0x3ff) << 22 | (uint64_t)(thread & 0x3fffff) << 32 |
		       (uint64_t)tick << 54;
	uint16_t high = (uint16_t)(tick >> 10);

	memcpy(track, &low, sizeof(low));
	memcpy((char *)track + sizeof(low), &high, sizeof(high));
}

static inline uint32_t track_age_ms(const struct track *track, uint64_t now_ms)
{
	uint32_t now = (uint32_t)(now_ms >> TICK_SHIFT);

	return ((now - (uint32_t)track->tick) & ((1u << 26) - 1)) << TICK_SHIFT;
}

/*
 * The state in the low two bits, above it how many bytes were asked for, 0 unless live; on top
 * how often a live object was resized, modulo 128, for who looks at it meanwhile.
 */
typedef _Atomic uint32_t object_word;

enum { STATE_BITS = 2, SIZE_BITS = 23 };

static_assert(KMALLOC_MAX_SIZE < 1 << SIZE_BITS, "a size fits");

struct object_entry {
	object_word word;
	struct track allocated, freed;  /* with SLAB_STORE_USER only */
};

enum { SHORT_ENTRY_BYTES = sizeof(object_word) };

/* As debug_geometry laid it out; a division would take longer than a look at the flag. */
static inline size_t entry_bytes(const struct slab_layout *layout)
{
	return layout->checks & SLAB_STORE_USER ? sizeof(struct object_entry) : SHORT_ENTRY_BYTES;
}

static inline struct object_entry *entry_of(const struct slab_layout *layout,
					    const struct page *slab, unsigned index)
{
	char *table = page_address(slab);

	return (struct object_entry *)(void *)(table + index * entry_bytes(layout));
}

static inline enum object_state state_in(uint32_t word)
{
	return (enum object_state)(word & 3);
}

static inline size_t size_in(uint32_t word)
{
	return word >> STATE_BITS & ((1u << SIZE_BITS) - 1);
}

static inline uint32_t word_of(enum object_state state, size_t size)
{
	return (uint32_t)(size << STATE_BITS | state);
}

/* Win the step from @from to BUSY. *@word is what was there. */
static inline bool entry_seize(struct object_entry *entry, enum object_state from,
			       uint32_t *word)
{
	*word = atomic_load_explicit(&entry->word, memory_order_relaxed);
	while (state_in(*word) == from)
		if (atomic_compare_exchange_weak_explicit(&entry->word, word,
				word_of(OBJECT_BUSY, size_in(*word)),
				memory_order_acquire, memory_order_relaxed))
			return true;
	return false;
}

/*
 * The step from FREE, of an object that came off its slab's list: nobody else has it, so no
 * atomic step is needed. False: the list lies.
 */
static inline bool entry_take(struct object_entry *entry)
{
	if (state_in(atomic_load_explicit(&entry->word, memory_order_acquire)) != OBJECT_FREE)
		return false;
	atomic_store_explicit(&entry->word, OBJECT_BUSY, memory_order_relaxed);
	return true;
}

static inline void entry_set(struct object_entry *entry, enum object_state state, size_t size)
{
	atomic_store_explicit(&entry->word, word_of(state, size), memory_order_release);
}

/* The end of a resize, which began at @word. */
static inline void entry_set_resized(struct object_entry *entry, size_t size, uint32_t word)
{
	uint32_t turn = (word >> (STATE_BITS + SIZE_BITS)) + 1;

	atomic_store_explicit(&entry->word, word_of(OBJECT_LIVE, size) | turn << (STATE_BITS + SIZE_BITS),
			      memory_order_release);
}

/*
 * Was a live object's word @word all the time until now? Adding nothing is a step of its own
 * in the word's order: who comes later into BUSY, by entry_seize's acquire, wrote nothing yet
 * that was read before this.
 */
static inline bool entry_is_still(struct object_entry *entry, uint32_t word)
{
	return atomic_fetch_add_explicit(&entry->word, 0, memory_order_acq_rel) == word;
}

/* An object by its parts; what most checks are about. */
struct object {
	const struct slab_layout *layout;
	const struct page *slab;
	struct object_entry *entry;
	char *start;
	unsigned index;
};

static inline struct object object_at(const struct slab_layout *layout,
				      const struct page *slab, unsigned index)
{
	return (struct object){
		.layout = layout,
		.slab = slab,
		.entry = entry_of(layout, slab, index),
		.start = index_to_obj(layout, slab, index),
		.index = index,
	};
}

#endif

/*
 * array_cache.h: a bounded LIFO of object pointers.
 *
 * The per-CPU arrays, a node's shared array and the alien caches are all this.
 *
 *     avail   idle   limit  node ...  window_limit[16]
 *     +------+------+------+---------+----------------+
 *     |    entry[0] (oldest) ... entry[avail-1] (next out) ... entry[limit-1]
 *     +-------------------------------------------------
 *
 * Two things are shaped for the hit paths (arch/rseq.h), and cost nothing elsewhere:
 *
 *  - avail and idle share a word. A pop writes the whole word, so it clears idle in
 *    the store that commits; the reaper asks "touched since?" (A2) without the pop
 *    having spent an instruction on it. A push writes avail only.
 *  - A push must refuse when the array is full, when the object belongs to another
 *    node, and when the pointer is NULL or foreign. One comparison answers all:
 *    the address space is cut in 16 windows of 8 TiB, and each array has a limit for
 *    each window: its own where the node's memory lives, 0 elsewhere.
 *
 * Invariants:
 *   A1  avail <= limit, and entries [0, avail) are objects of the array's cache.
 *   A2  idle is 0 if an object was popped since the reaper last set it.
 *   A3  window_limit[w] is limit or 0.
 *   A4  a per-CPU array is changed only by sequences on its own CPU, or, once it was
 *       exchanged out of its slot and a fence has passed, by the one who did that.
 */
#ifndef ARCH_ARRAY_CACHE_H
#define ARCH_ARRAY_CACHE_H

#include "base/compiler.h"

enum {
#ifdef __aarch64__
	WINDOW_SHIFT = 44,
#else
	WINDOW_SHIFT = 43,
#endif
	WINDOWS = 16,                 /* of the 47 bits a user address has; of 48 on AArch64 */
	ARRAY_LIMIT_MAX = 65535,      /* what window_limit holds */
};

struct array_cache {
	uint32_t avail;
	uint32_t idle;                /* the kernel's `touched`, inverted */
	uint32_t limit;
	uint16_t node;
	uint16_t memory_class;        /* where the array itself came from */
	uint16_t batchcount;
	uint16_t mark;                /* avail after the last put: what it differs now were hits */
	uint32_t grown_bytes;         /* what it may hold beyond its cache's limit: cpu/adapt.h */
	uint64_t kept;                /* what the last put kept: a flush's idle, a refill's none */
	uint16_t window_limit[WINDOWS];
	void *entry[];
};

static_assert(offsetof(struct array_cache, entry) == CACHE_LINE_BYTES,
	      "the header is one cache line");

static inline size_t array_bytes(unsigned limit)
{
	return sizeof(struct array_cache) + limit * sizeof(void *);
}

/*
 * Hits since the last put, counted from below: of a push and a pop that met nothing is left
 * to be seen.
 */
static inline unsigned array_hits(const struct array_cache *array)
{
	unsigned avail = __atomic_load_n(&array->avail, __ATOMIC_RELAXED);
	unsigned mark = __atomic_load_n(&array->mark, __ATOMIC_RELAXED);

	return avail > mark ? avail - mark : mark - avail;
}

/* Move up to @max objects from the top of @from onto @to, keeping their order. */
static inline unsigned array_transfer(struct array_cache *to, struct array_cache *from,
				      unsigned max)
{
	unsigned count = from->avail;

	if (count > max)
		count = max;
	if (count > to->limit - to->avail)
		count = to->limit - to->avail;
	for (unsigned i = 0; i < count; i++)
		to->entry[to->avail + i] = from->entry[from->avail - count + i];
	to->avail += count;
	from->avail -= count;
	return count;
}

/* Forget the @count oldest objects; the caller took them. */
static inline void array_drop_oldest(struct array_cache *array, unsigned count)
{
	array->avail -= count;
	for (unsigned i = 0; i < array->avail; i++)
		array->entry[i] = array->entry[i + count];
}

#endif

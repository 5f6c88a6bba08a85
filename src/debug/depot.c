#include "debug/depot.h"

#include <stdatomic.h>
#include <string.h>

#include "os/ops.h"

/*
 * Chosen: 32 MiB of addresses, memory only behind what is used, hold 250,000 stacks of
 * 14 frames. Where addresses are limited 1 MiB must do.
 */
static const size_t sizes[] = { (size_t)32 << 20, (size_t)1 << 20 };

enum { BUCKETS = 1 << 14 };

char *depot_memory;
static size_t memory_bytes;
static _Atomic size_t used = 8;         /* number 0 is nobody's */
static _Atomic uint32_t buckets[BUCKETS] RARELY_USED;

void depot_init(void)
{
	void *address;

	for (size_t i = 0; i < ARRAY_LENGTH(sizes) && depot_memory == NULL; i++) {
		if (os_ops.map(sizes[i], &address) != 0)
			continue;
		memory_bytes = sizes[i];
		__atomic_store_n(&depot_memory, address, __ATOMIC_RELEASE);
	}
}

static_assert((32 << 20) / 8 <= 1 << STACK_BITS, "numbers count 8 bytes");

static struct depot_record *record_of(uint32_t number)
{
	return (struct depot_record *)(void *)(depot_memory + (size_t)number * 8);
}

static uint32_t hash_of(const uintptr_t *frames, unsigned count)
{
	uint64_t hash = count;

	for (unsigned i = 0; i < count; i++)
		hash = (hash ^ frames[i]) * 0x9e3779b97f4a7c15u;
	return (uint32_t)(hash >> 32);
}

static uint32_t find(uint32_t number, uint32_t hash, const uintptr_t *frames, unsigned count)
{
	for (; number != 0; number = record_of(number)->next) {
		struct depot_record *record = record_of(number);

		if (record->hash == hash && record->count == count &&
		    memcmp(record->frames, frames, count * sizeof(*frames)) == 0)
			break;
	}
	return number;
}

static uint32_t new_record(uint32_t hash, const uintptr_t *frames, unsigned count)
{
	size_t bytes = sizeof(struct depot_record) + count * sizeof(*frames);
	size_t offset = atomic_load_explicit(&used, memory_order_relaxed);
	struct depot_record *record;

	do {
		if (offset + bytes > memory_bytes)
			return 0;       /* number 0: not known */
	} while (!atomic_compare_exchange_weak_explicit(&used, &offset, offset + bytes,
			memory_order_relaxed, memory_order_relaxed));
	record = record_of((uint32_t)(offset / 8));
	record->hash = hash;
	record->count = count;
	memcpy(record->frames, frames, count * sizeof(*frames));
	return (uint32_t)(offset / 8);
}

/* Two that put the same stack at once make two records: harmless. */
uint32_t depot_put(const uintptr_t *frames, unsigned count)
{
	uint32_t hash, first, number;
	_Atomic uint32_t *bucket;

	if (__atomic_load_n(&depot_memory, __ATOMIC_ACQUIRE) == NULL || count == 0)
		return 0;
	hash = hash_of(frames, count);
	bucket = &buckets[hash % BUCKETS];
	first = atomic_load_explicit(bucket, memory_order_acquire);
	number = find(first, hash, frames, count);
	if (number == 0)
		number = new_record(hash, frames, count);
	else
		return number;
	if (number == 0)
		return 0;
	do {
		record_of(number)->next = first;
	} while (!atomic_compare_exchange_weak_explicit(bucket, &first, number,
			memory_order_release, memory_order_acquire));
	return number;
}

/* The number may come from a table that was overwritten: it is not trusted. */
unsigned depot_get(uint32_t number, const uintptr_t **frames)
{
	size_t end = atomic_load_explicit(&used, memory_order_relaxed);

	if (number == 0 || (size_t)number * 8 + sizeof(struct depot_record) >= end ||
	    record_of(number)->count > STACK_FRAMES_MAX)
		return 0;
	*frames = record_of(number)->frames;
	return (unsigned)record_of(number)->count;
}

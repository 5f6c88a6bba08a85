/*
 * reach.c: see reach.h. The words of the roots, then of what they reach, until no new
 * object comes: each object is queued once, so this ends.
 */
#include "reach.h"

#include <stdlib.h>
#include <string.h>

enum { CHUNK_BYTES = 1 << 16, PAGE = 4096 };

/* The last block that starts at or below @address. */
static struct block *block_of(const struct reach *reach, uint64_t address)
{
	size_t low = 0, high = reach->count;

	while (low < high) {
		size_t middle = (low + high) / 2;

		if (reach->block[middle].start <= address)
			low = middle + 1;
		else
			high = middle;
	}
	return low != 0 && address < reach->block[low - 1].end ? &reach->block[low - 1] : NULL;
}

static void reach_word(struct reach *reach, uint64_t word)
{
	const struct block *block;
	uint64_t index, object;

	if (reach->count == 0 || word < reach->block[0].start)
		return;
	block = block_of(reach, word);
	if (block == NULL)
		return;
	index = (word - block->start) / block->size;
	object = block->first + index;
	if (reach->mark[object] != MARK_LOST)
		return;
	reach->mark[object] = MARK_REACHED;
	reach->queue[reach->queued++] = block->start + index * block->size;
}

static void reach_words(struct reach *reach, const uint8_t *bytes, size_t size)
{
	uint64_t word;

	for (size_t at = 0; at + sizeof(word) <= size; at += sizeof(word)) {
		memcpy(&word, bytes + at, sizeof(word));
		reach_word(reach, word);
	}
}

/* What can't be read in one piece may be read page by page. */
static void reach_chunk(struct reach *reach, uint64_t start, size_t size)
{
	static uint8_t bytes[CHUNK_BYTES];

	if (target_read(reach->target, start, bytes, size)) {
		reach_words(reach, bytes, size);
		return;
	}
	for (uint64_t at = start, end = start + size; at < end && size > PAGE; at += PAGE) {
		size_t part = end - at < PAGE ? end - at : PAGE;

		if (target_read(reach->target, at, bytes, part))
			reach_words(reach, bytes, part);
	}
}

static void reach_range(struct reach *reach, uint64_t start, uint64_t end)
{
	start = (start + 7) & ~UINT64_C(7);
	while (start < end && !reach->target->gone) {
		size_t size = end - start < CHUNK_BYTES ? end - start : CHUNK_BYTES;

		reach_chunk(reach, start, size);
		start += size;
	}
}

/* ---- What is the allocator's ------------------------------------------------------------ */

static int by_start(const void *a, const void *b)
{
	const struct range *left = a, *right = b;

	return left->start < right->start ? -1 : left->start > right->start;
}

/*
 * Pages and descriptors, as far as they are used. What else was reserved has no memory, or is the program's
 * since it set a limit (src/pages/limit.c).
 */
static void zone_ranges(struct target *target, uint32_t number, struct range range[2])
{
	uint64_t zone = value_of(target, F_ZONES) + number * (uint64_t)target->field[F_ZONE].size;
	uint64_t pages = target_number(target, zone, F_ZONE_COMMITTED);
	uint64_t start = target_number(target, zone, F_ZONE_BASE);

	range[0] = (struct range){ start, start + (pages << 12), 0, 0 };
	start = target_number(target, zone, F_ZONE_MAP);
	range[1] = (struct range){ start, start + pages * target->field[F_PAGE].size, 0, 0 };
}

/* By address. The sampler knows objects by their addresses. */
static size_t own_ranges(struct target *target, uint32_t zones,
			 struct range own[2 * ZONES_MAX + 1])
{
	uint64_t sampler = target->field[F_SAMPLER].known ? target_variable(target, F_SAMPLER) : 0;
	size_t count = 0;

	for (uint32_t number = 0; number < zones; number++, count += 2)
		zone_ranges(target, number, &own[count]);
	if (sampler != 0 && target->field[F_SAMPLER_SELF].known)
		own[count++] = (struct range){ sampler, sampler +
					       target->field[F_SAMPLER_SELF].size, 0, 0 };
	qsort(own, count, sizeof(*own), by_start);
	return count;
}

static void reach_outside(struct reach *reach, struct range range, const struct range *own,
			  size_t own_count)
{
	for (size_t i = 0; i < own_count && range.start < range.end; i++) {
		if (own[i].end <= range.start || own[i].start >= own[i].end)
			continue;
		if (own[i].start >= range.end)
			break;
		if (own[i].start > range.start)
			reach_range(reach, range.start, own[i].start);
		range.start = own[i].end;
	}
	reach_range(reach, range.start, range.end);
}

/* ---- On and on ---------------------------------------------------------------------------- */

static void follow(struct reach *reach)
{
	while (reach->queued != 0 && !reach->target->gone) {
		uint64_t start = reach->queue[--reach->queued];
		const struct block *block = block_of(reach, start);

		reach_range(reach, start, start + block->object_size);
	}
}

void reach_from(struct reach *reach, const struct roots *roots, const struct snapshot *snapshot)
{
	struct range own[2 * ZONES_MAX + 1];
	size_t own_count = own_ranges(reach->target, snapshot->zones, own);

	/* A slab's list of free objects may be in an object of its own. */
	for (size_t i = 0; i < reach->count; i++)
		reach_word(reach, reach->block[i].freelist);
	for (size_t i = 0; i < roots->words; i++)
		reach_word(reach, roots->word[i]);
	for (size_t i = 0; i < roots->count; i++)
		reach_outside(reach, roots->range[i], own, own_count);
	follow(reach);
}

/*
 * rows.c: see rows.h.
 *
 * Hits are not counted where they happen: that would cost each an instruction. A miss
 * counts what its array lost or gained since the one before: so many calls hit at least.
 * A free and an allocation that met leave nothing to be seen, so the ratio is one from
 * below. A cache without misses shows 100 %.
 */
#include "rows.h"

#include <inttypes.h>
#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#define KEYS "abclvnopsurhw"

bool rows_key_is_known(char key)
{
	return key != '\0' && strchr(KEYS, key) != NULL;
}

/* ---- Rates --------------------------------------------------------------------------- */

static void set_rate(struct row *row, const struct snapshot *before, const struct snapshot *now)
{
	const struct cache_view *old = snapshot_same(before, row->cache->layout,
						     row->cache->name);
	double seconds = now->seconds - before->seconds;
	uint64_t misses = row->cache->refills + row->cache->flushes, hits;

	row->misses_per_second = row->hit = -1;
	if (old == NULL || seconds <= 0 || misses < old->refills + old->flushes)
		return;
	misses -= old->refills + old->flushes;
	row->misses_per_second = (double)misses / seconds;
	hits = row->cache->hits > old->hits ? row->cache->hits - old->hits : 0;
	if (row->cache->batchcount != 0)
		row->hit = misses == 0 ? 1 : (double)hits / (double)(hits + misses);
}

/* ---- Order ----------------------------------------------------------------------------- */

static double use(const struct cache_view *cache)
{
	return cache->objects != 0 ? (double)cache->active_objects / (double)cache->objects : 0;
}

static double value_for(const struct row *row, char key)
{
	const struct cache_view *cache = row->cache;

	switch (key) {
	case 'a': return (double)cache->active_objects;
	case 'b': return cache->num;
	case 'l': return (double)cache->slabs;
	case 'v': return (double)cache->active_slabs;
	case 'o': return (double)cache->objects;
	case 'p': return cache->order;
	case 's': return cache->size;
	case 'u': return use(cache);
	case 'r': return row->misses_per_second;
	case 'h': return row->hit;
	case 'w': return cache_waste(cache) * (double)cache_bytes(cache);
	case 'n': return 0;
	default: return (double)cache_bytes(cache);
	}
}

/* Largest first, then by name. */
static int by_key(const void *a, const void *b, void *key)
{
	const struct row *left = a, *right = b;
	double more = value_for(right, *(const char *)key), less = value_for(left, *(const char *)key);

	if (more != less)
		return more > less ? 1 : -1;
	return strcmp(left->cache->name, right->cache->name);
}

bool rows_make(struct rows *rows, const struct snapshot *before, const struct snapshot *now,
	       char key)
{
	rows->count = now->caches_count;
	rows->at = calloc(rows->count + 1, sizeof(*rows->at));
	if (rows->at == NULL)
		return false;
	for (size_t i = 0; i < rows->count; i++) {
		rows->at[i].cache = &now->caches[i];
		set_rate(&rows->at[i], before, now);
	}
	qsort_r(rows->at, rows->count, sizeof(*rows->at), by_key, &key);
	return true;
}

void rows_free(struct rows *rows)
{
	free(rows->at);
	rows->at = NULL;
}

/* ---- Text -------------------------------------------------------------------------------- */

void row_title(char *text, size_t bytes)
{
	snprintf(text, bytes, "%7s %6s %4s %6s %6s %8s %5s %7s %6s %s", "LIVE", "PARKED", "USE",
		 "SIZE", "SLABS", "MEMORY", "WASTE", "MISS/S", "HIT>=", "NAME");
}

/* Within seven digits and a letter, so that names begin in one column, with room for them. */
static const char *brief(char text[24], uint64_t number, const char *unit, const char *larger)
{
	if (number < 10000000)
		snprintf(text, 24, "%" PRIu64 "%s", number, unit);
	else
		snprintf(text, 24, "%" PRIu64 "%s", number / (*unit == 'K' ? 1024 : 1000), larger);
	return text;
}

static void number_or_dash(char *text, size_t bytes, const char *format, double number)
{
	if (number < 0)
		snprintf(text, bytes, "-");
	else
		snprintf(text, bytes, format, number);
}

void row_text(const struct row *row, char *text, size_t bytes)
{
	const struct cache_view *cache = row->cache;
	uint64_t live = cache_live(cache);
	char rate[32], hit[32], lives[24], parked[24], memory[24];

	number_or_dash(rate, sizeof(rate), "%.0f", row->misses_per_second);
	number_or_dash(hit, sizeof(hit), "%.1f%%", row->hit < 0 ? -1 : row->hit * 100);
	snprintf(text, bytes, "%7s %6s %3.0f%% %6u %6" PRIu64 " %8s %4.0f%% %7s %6s %s%s",
		 brief(lives, live, "", "k"), brief(parked, cache->active_objects - live, "", "k"),
		 use(cache) * 100, cache->object_size, cache->slabs,
		 brief(memory, cache_bytes(cache) >> 10, "K", "M"), cache_waste(cache) * 100, rate,
		 hit, cache->name, cache->damaged ? " (damaged)" : cache->steady ? "" : " *");
}

static uint64_t sum_memory(const struct snapshot *snapshot, uint64_t *used)
{
	uint64_t sum = 0;

	*used = 0;
	for (size_t i = 0; i < snapshot->caches_count; i++) {
		sum += cache_bytes(&snapshot->caches[i]);
		*used += cache_live(&snapshot->caches[i]) * snapshot->caches[i].object_size;
	}
	return sum;
}

bool rows_head(const struct snapshot *snapshot, const struct target *target, int line,
	       char *text, size_t bytes)
{
	uint64_t used, slabs = sum_memory(snapshot, &used);

	switch (line) {
	case 0:
		snprintf(text, bytes, "ukmem %s in %s: %zu caches, %u CPUs, %u nodes%s",
			 target->library, target->name, snapshot->caches_count,
			 snapshot->cpus_online, snapshot->nodes,
			 snapshot->unsteady != 0 ? "; * changed while it was read" : "");
		return true;
	case 1:
		snprintf(text, bytes, "slabs %" PRIu64 "K, in live objects %" PRIu64
			 "K (%.1f%%); free pages %" PRIu64 "K, dirty %" PRIu64 "K",
			 slabs >> 10, used >> 10,
			 slabs != 0 ? 100 * (double)used / (double)slabs : 0,
			 snapshot->free_bytes >> 10, snapshot->dirty_bytes >> 10);
		return true;
	case 2:
		snprintf(text, bytes, "slabs grown %" PRIu64 ", released %" PRIu64
			 "; reaped objects %" PRIu64 "; helper %s", snapshot->slabs_grown,
			 snapshot->slabs_released, snapshot->objects_reaped,
			 snapshot->helper_runs ? "runs" : "rests");
		return true;
	default:
		return false;
	}
}

/*
 * openmetrics.c: a snapshot for Prometheus: units in the names, # EOF at the end.
 */
#include <inttypes.h>
#include <string.h>

#include "forms.h"
#include "groups.h"

/* One family with a sample for each cache. */
struct family {
	const char *name, *type, *unit, *help;
	uint64_t (*value)(const struct cache_view *cache);
};

static uint64_t live(const struct cache_view *cache) { return cache_live(cache); }
static uint64_t capacity(const struct cache_view *cache) { return cache->objects; }
static uint64_t parked(const struct cache_view *cache)
{
	return cache->in_cpu_arrays + cache->in_shared + cache->in_alien;
}
static uint64_t memory(const struct cache_view *cache) { return cache_bytes(cache); }
static uint64_t used(const struct cache_view *cache)
{
	return cache_live(cache) * cache->object_size;
}
static uint64_t slabs(const struct cache_view *cache) { return cache->slabs; }
static uint64_t object_size(const struct cache_view *cache) { return cache->object_size; }
static uint64_t refills(const struct cache_view *cache) { return cache->refills; }
static uint64_t flushes(const struct cache_view *cache) { return cache->flushes; }
static uint64_t hits(const struct cache_view *cache) { return cache->hits; }

static const struct family families[] = {
	{ "ukmem_cache_live_objects", "gauge", "objects", "Objects the program holds.", live },
	{ "ukmem_cache_parked_objects", "gauge", "objects",
	  "Free objects that wait in arrays of CPUs and nodes.", parked },
	{ "ukmem_cache_capacity_objects", "gauge", "objects",
	  "Objects that the slabs have room for.", capacity },
	{ "ukmem_cache_memory_bytes", "gauge", "bytes", "Memory in slabs.", memory },
	{ "ukmem_cache_used_bytes", "gauge", "bytes", "Bytes in live objects.", used },
	{ "ukmem_cache_slabs", "gauge", NULL, "Slabs.", slabs },
	{ "ukmem_cache_object_size_bytes", "gauge", "bytes", "The size of an object.",
	  object_size },
	{ "ukmem_cache_alloc_refills", "counter", NULL,
	  "Allocations that found their CPU's array empty.", refills },
	{ "ukmem_cache_free_flushes", "counter", NULL,
	  "Frees that found their CPU's array full.", flushes },
	{ "ukmem_cache_hits_at_least", "counter", NULL,
	  "Calls that an array served, counted from below at misses.", hits },
};

void print_head(FILE *to, const char *name, const char *type, const char *unit,
		       const char *help)
{
	fprintf(to, "# TYPE %s %s\n", name, type);
	if (unit != NULL)
		fprintf(to, "# UNIT %s %s\n", name, unit);
	fprintf(to, "# HELP %s %s\n", name, help);
}

static const char *suffix(const char *type)
{
	return strcmp(type, "counter") == 0 ? "_total" : "";
}

/* A label's value: backslash and quote are escaped; the snapshot has no line breaks. */
void print_label(FILE *to, const char *value)
{
	for (; *value != '\0'; value++) {
		if (*value == '\\' || *value == '"')
			fputc('\\', to);
		fputc(*value, to);
	}
}

/* A series is named once: caches of one name are numbered from the second on. */
static unsigned namesake(const struct snapshot *snapshot, size_t index)
{
	unsigned before = 0;

	for (size_t i = 0; i < index; i++)
		before += strcmp(snapshot->caches[i].name, snapshot->caches[index].name) == 0;
	return before;
}

void print_cache_label(FILE *to, const struct snapshot *snapshot, size_t index)
{
	unsigned before = namesake(snapshot, index);

	print_label(to, snapshot->caches[index].name);
	if (before != 0)
		fprintf(to, "#%u", before + 1);
}

static void print_family(FILE *to, const struct snapshot *snapshot, const struct family *family)
{
	print_head(to, family->name, family->type, family->unit, family->help);
	for (size_t i = 0; i < snapshot->caches_count; i++) {
		fprintf(to, "%s%s{cache=\"", family->name, suffix(family->type));
		print_cache_label(to, snapshot, i);
		fprintf(to, "\"} %" PRIu64 "\n", family->value(&snapshot->caches[i]));
	}
}

/* Buckets of 64 ns and more, each four times the one before, up to a millisecond. */
static void print_histogram(FILE *to, const struct snapshot *snapshot, size_t index, int kind)
{
	enum { FIRST = 6, LAST = 20, STEP = 2 };
	const uint64_t *took = snapshot->caches[index].took[kind];
	uint64_t sum = 0;
	int bucket = 0;

	for (int end = FIRST; end <= LAST + STEP; end += STEP) {
		while (bucket < (end > LAST ? MISS_BUCKETS : end))
			sum += took[bucket++];
		fprintf(to, "ukmem_cache_miss_duration_seconds_bucket{cache=\"");
		print_cache_label(to, snapshot, index);
		fprintf(to, "\",call=\"%s\",le=\"", kind == MISS_ALLOC ? "alloc" : "free");
		if (end > LAST)
			fputs("+Inf", to);
		else
			fprintf(to, "%.9g", (double)(UINT64_C(1) << end) / 1e9);
		fprintf(to, "\"} %" PRIu64 "\n", sum);
	}
}

/* Only of caches whose misses were timed; without any the family is not there. */
static void print_durations(FILE *to, const struct snapshot *snapshot)
{
	bool begun = false;

	for (size_t i = 0; i < snapshot->caches_count; i++) {
		if (!snapshot->caches[i].timed)
			continue;
		if (!begun)
			print_head(to, "ukmem_cache_miss_duration_seconds", "histogram", "seconds",
				   "How long misses took, while they were timed.");
		begun = true;
		for (int kind = 0; kind < MISS_KINDS; kind++)
			print_histogram(to, snapshot, i, kind);
	}
}

static void print_total(FILE *to, const char *name, const char *type, const char *unit,
			const char *help, uint64_t value)
{
	print_head(to, name, type, unit, help);
	fprintf(to, "%s%s %" PRIu64 "\n", name, suffix(type), value);
}

void print_openmetrics(FILE *to, const struct snapshot *snapshot)
{
	for (size_t i = 0; i < sizeof(families) / sizeof(*families); i++)
		print_family(to, snapshot, &families[i]);
	print_total(to, "ukmem_pages_committed_bytes", "gauge", "bytes",
		    "Addresses made usable.", snapshot->committed_bytes);
	print_total(to, "ukmem_pages_free_bytes", "gauge", "bytes", "Of those, in no slab.",
		    snapshot->free_bytes);
	print_total(to, "ukmem_pages_dirty_bytes", "gauge", "bytes",
		    "Of the free ones, not yet given back to the system.",
		    snapshot->dirty_bytes);
	print_total(to, "ukmem_slabs_grown", "counter", NULL, "Slabs made.",
		    snapshot->slabs_grown);
	print_total(to, "ukmem_slabs_released", "counter", NULL, "Slabs given back.",
		    snapshot->slabs_released);
	print_total(to, "ukmem_reap_rounds", "counter", NULL, "Rounds of the reaper.",
		    snapshot->reap_rounds);
	print_total(to, "ukmem_sequences_aborted", "counter", NULL,
		    "Restartable sequences that the kernel aborted.",
		    snapshot->sequences_aborted);
	print_total(to, "ukmem_unsteady_caches", "gauge", NULL,
		    "Caches whose numbers changed while they were read.", snapshot->unsteady);
	print_durations(to, snapshot);
	print_groups_openmetrics(to, snapshot);
	fputs("# EOF\n", to);
}

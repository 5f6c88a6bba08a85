/*
 * trace.c: load the records of a trace and prove T1..T3 and T5 on the way.
 *
 * Records go into a mapping that grows by doubling while bytes keep coming: a header
 * that announces four billion events costs nothing when the file ends after ten.
 */
#define _GNU_SOURCE 1
#include "trace.h"

#include <endian.h>
#include <errno.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>

#include "say.h"
#include "source.h"
#include "trace_header.h"

enum {
	RECORD_BYTES = sizeof(struct trace_record),
	PIECE_RECORDS = 1 << 20,    /* 8 MiB: the first mapping, and one step of loading */
};

_Static_assert(sizeof(struct trace_record) == 8, "a record is what the file has");

/* Who fills a slot: the entry + 1; 0 when it is empty. */
struct owners {
	uint32_t *entry_plus_1;
	size_t bytes;
};

struct loader {
	struct source source;
	struct trace *trace;
	uint64_t data_offset;       /* of record 0 in the file */
	struct owners owners;
	uint64_t *allocs;           /* by entry, counted */
};

static void *map(size_t bytes)
{
	void *memory = mmap(NULL, bytes, PROT_READ | PROT_WRITE,
			    MAP_PRIVATE | MAP_ANONYMOUS | MAP_NORESERVE, -1, 0);

	return memory == MAP_FAILED ? NULL : memory;
}

static bool record_bad(struct loader *loader, uint64_t index, const char *what)
{
	return source_bad(&loader->source, loader->data_offset + index * RECORD_BYTES,
			  "record %llu: %s", (unsigned long long)index, what);
}

/* T1 and T3. NULL: sound. */
static const char *fields_wrong(const struct trace *trace, const struct trace_record *record)
{
	if (record->op >= OPS)
		return "no such operation";
	if (record->cpu >= trace->cpus)
		return "the cpu is out of range";
	if (record->entry >= trace->entries_count)
		return "the entry is out of range";
	if (record->slot >= trace->slots)
		return "the slot is out of range";
	if (trace->entries[record->entry].is_cache != (record->op < OP_KMALLOC))
		return "the operation does not fit the entry's kind";
	return NULL;
}

/* T2. NULL: sound, and the slot has changed hands. */
static const char *order_wrong(uint32_t *owner, const struct trace_record *record)
{
	uint32_t me = record->entry + 1u;

	if (!op_is_free(record->op)) {
		if (*owner != 0)
			return "allocates into a slot that is in use";
		*owner = me;
		return NULL;
	}
	if (*owner == 0)
		return "frees a slot that is empty";
	if (*owner != me)
		return "frees an object under another entry than it was allocated";
	*owner = 0;
	return NULL;
}

static bool check_record(struct loader *loader, uint64_t index)
{
	struct trace_record *record = &loader->trace->records[index];
	const char *wrong;

	record->slot = le32toh(record->slot);
	record->entry = le16toh(record->entry);
	wrong = fields_wrong(loader->trace, record);
	if (wrong == NULL)
		wrong = order_wrong(&loader->owners.entry_plus_1[record->slot], record);
	if (wrong != NULL)
		return record_bad(loader, index, wrong);
	loader->allocs[record->entry] += !op_is_free(record->op);
	return true;
}

static bool make_room(struct loader *loader, size_t records)
{
	struct trace *trace = loader->trace;
	size_t bytes = records * RECORD_BYTES;
	void *larger;

	if (bytes <= trace->mapped_bytes)
		return true;
	if (bytes < 2 * trace->mapped_bytes)
		bytes = 2 * trace->mapped_bytes;
	larger = trace->mapped_bytes == 0
		? map(bytes)
		: mremap(trace->records, trace->mapped_bytes, bytes, MREMAP_MAYMOVE);
	if (larger == NULL || larger == MAP_FAILED)
		return source_bad(&loader->source, loader->source.offset, "out of memory");
	trace->records = larger;
	trace->mapped_bytes = bytes;
	return true;
}

/* Read and check records [begin, end). */
static bool load_piece(struct loader *loader, size_t begin, size_t end)
{
	size_t bytes = (end - begin) * RECORD_BYTES, have;

	if (!make_room(loader, end))
		return false;
	have = source_read(&loader->source, &loader->trace->records[begin], bytes);
	for (size_t i = begin; i < begin + have / RECORD_BYTES; i++)
		if (!check_record(loader, i))
			return false;
	return have == bytes ||
	       source_bad(&loader->source, loader->source.offset,
			  "the data ends in record %llu of %u",
			  (unsigned long long)(begin + have / RECORD_BYTES), loader->trace->events);
}

static bool load_records(struct loader *loader)
{
	size_t events = loader->trace->events;

	loader->data_offset = loader->source.offset;
	for (size_t begin = 0, end; begin < events; begin = end) {
		end = events - begin > PIECE_RECORDS ? begin + PIECE_RECORDS : events;
		if (!load_piece(loader, begin, end))
			return false;
	}
	return true;
}

static bool check_end(struct loader *loader)
{
	uint64_t offset = loader->source.offset;

	if (source_byte(&loader->source) >= 0)
		return source_bad(&loader->source, offset, "more data after the last record");
	return !loader->source.failed;
}

/* T5 */
static bool check_counts(struct loader *loader)
{
	struct trace *trace = loader->trace;

	for (uint32_t i = 0; i < trace->entries_count; i++) {
		const struct trace_entry *entry = &trace->entries[i];

		if (entry->allocs != loader->allocs[i])
			return source_bad(&loader->source, entry->offset,
					  "entry %u announces %llu allocations, there are %llu", i,
					  (unsigned long long)entry->allocs,
					  (unsigned long long)loader->allocs[i]);
		trace->allocs += entry->allocs;
	}
	return true;
}

static void count_live(struct loader *loader)
{
	struct trace *trace = loader->trace;

	for (uint32_t slot = 0; slot < trace->slots; slot++) {
		uint32_t owner = loader->owners.entry_plus_1[slot];

		if (owner == 0)
			continue;
		trace->live_objects++;
		trace->live_bytes += trace->entries[owner - 1].bytes;
	}
}

static bool prepare_checks(struct loader *loader)
{
	struct trace *trace = loader->trace;

	loader->owners.bytes = (trace->slots + 1ul) * sizeof(uint32_t);
	loader->owners.entry_plus_1 = map(loader->owners.bytes);
	loader->allocs = calloc(trace->entries_count + 1, sizeof(uint64_t));
	return (loader->owners.entry_plus_1 != NULL && loader->allocs != NULL) ||
	       source_bad(&loader->source, loader->source.offset, "out of memory");
}

static bool load(struct loader *loader)
{
	if (!trace_header_read(&loader->source, loader->trace) || !prepare_checks(loader) ||
	    !load_records(loader) || !check_end(loader) || !check_counts(loader))
		return false;
	count_live(loader);
	return true;
}

bool trace_load(struct trace *trace, const char *path)
{
	struct loader loader = { .trace = trace };
	bool sound;

	*trace = (struct trace){ .path = path };
	sound = source_open(&loader.source, path) && load(&loader);
	if (loader.owners.entry_plus_1 != NULL)
		munmap(loader.owners.entry_plus_1, loader.owners.bytes);
	free(loader.allocs);
	source_close(&loader.source);
	if (!sound)
		trace_free(trace);
	return sound;
}

void trace_free(struct trace *trace)
{
	if (trace->records != NULL)
		munmap(trace->records, trace->mapped_bytes);
	free(trace->entries);
	*trace = (struct trace){ .path = trace->path };
}

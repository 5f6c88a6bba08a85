/*
 * trace.h: a kernel allocation trace (format "kmtrace 1") in memory.
 *
 * A loaded trace is sound, so that whoever replays it need not look again:
 *   T1  a record's slot < slots, entry < entries_count, cpu < cpus, op < OPS.
 *   T2  an allocation finds its slot empty; a free finds it filled, by the same entry.
 *   T3  the op fits the entry's kind.
 *   T4  an entry's size is one the allocator can serve, and its name is printable.
 *   T5  an entry's count is the number of its allocations.
 */
#ifndef TOOLS_TRACE_H
#define TOOLS_TRACE_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

enum trace_op { OP_CACHE_ALLOC, OP_CACHE_FREE, OP_KMALLOC, OP_KFREE, OPS };

enum {
	TRACE_NAME_BYTES = 64,
	TRACE_CPUS_MAX = 256,       /* a record's cpu is one byte */
	TRACE_ENTRIES_MAX = 65536,  /* a record's entry is two */
};

/* As in the file: 8 bytes, little endian. */
struct trace_record {
	uint32_t slot;
	uint16_t entry;
	uint8_t cpu;
	uint8_t op;
};

struct trace_entry {
	char name[TRACE_NAME_BYTES];   /* "-" for kmalloc */
	bool is_cache;
	uint32_t bytes;                /* what was asked for */
	uint64_t allocs;               /* T5 */
	uint64_t offset;               /* of its line in the file, for complaints */
};

struct trace {
	const char *path;
	uint32_t events, slots, cpus, entries_count;
	struct trace_entry *entries;
	struct trace_record *records;  /* events of them */
	size_t mapped_bytes;           /* what is mapped for them */
	uint64_t allocs, live_objects, live_bytes;   /* live: never freed by the trace */
};

static inline bool op_is_free(unsigned op)
{
	return op & 1;
}

/* Returns false after one line on stderr; nothing is left to free then. */
bool trace_load(struct trace *trace, const char *path);
void trace_free(struct trace *trace);

#endif

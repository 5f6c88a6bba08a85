/*
 * stats.h: what the allocator counted, as numbers.
 *
 * All counters are of cold events, exact, and since the process began. A hit is not
 * counted: it would cost an instruction (ukmem top counts hits from below). The hit rate of a program that knows how
 * many calls it made is 1 - alloc_refills / allocs.
 */
#ifndef UKMEM_STATS_H
#define UKMEM_STATS_H

#include <stddef.h>
#include <stdint.h>

#ifdef __cplusplus
extern "C" {
#endif

struct ukmem_stats {
	uint64_t alloc_refills;         /* allocations that found their array empty */
	uint64_t free_flushes;          /* frees that found their array full */
	uint64_t slabs_grown;
	uint64_t slabs_released;
	uint64_t sequences_aborted;     /* by the kernel, and tried again */
	uint64_t reap_rounds;
	uint64_t pages_committed_bytes; /* addresses made usable */
	uint64_t pages_free_bytes;      /* of those, in no slab */
	uint64_t pages_resident_bytes;  /* of those, at most this much holds memory */
	uint32_t caches;
	uint32_t backend_is_rseq;       /* 0: locked arrays */
	uint32_t index_is_cid;          /* slots are numbered by mm_cid */
	uint32_t nodes;
};

/* Fill @stats. Cost: the registry's and each zone's lock once. */
void ukmem_stats_read(struct ukmem_stats *stats);

#ifdef __cplusplus
}
#endif
#endif

/*
 * stats.c: sum what the floors counted.
 */
#include <ukmem/stats.h>

#include "cache/cache.h"

static void sum_caches(struct ukmem_stats *stats)
{
	lock_take(&registry_lock);
	for_each_cache(cache) {
		stats->alloc_refills += counter_read(&cache->cpu.refills);
		stats->free_flushes += counter_read(&cache->cpu.flushes);
		stats->caches++;
	}
	lock_drop(&registry_lock);
}

PUBLIC void ukmem_stats_read(struct ukmem_stats *stats)
{
	*stats = (struct ukmem_stats){ 0 };
	if (boot_ensure() != 0)
		return;
	sum_caches(stats);
	stats->slabs_grown = counter_read(&slabs_grown);
	stats->slabs_released = counter_read(&slabs_released);
	for (unsigned kind = 0; kind < SEQ_KINDS; kind++)
		stats->sequences_aborted += counter_read(&seq_aborts[kind]);
	stats->reap_rounds = reaper_rounds();
	stats->pages_committed_bytes = pages_committed() * PAGE_BYTES;
	stats->pages_free_bytes = pages_free_count() * PAGE_BYTES;
	stats->pages_resident_bytes = stats->pages_committed_bytes - stats->pages_free_bytes +
				      pages_dirty() * PAGE_BYTES;
	stats->backend_is_rseq = backend_is_rseq();
	stats->index_is_cid = index_is_cid();
	stats->nodes = topology.nodes;
}

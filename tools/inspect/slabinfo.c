/*
 * slabinfo.c: a snapshot in the form of /proc/slabinfo.
 */
#include <inttypes.h>

#include "forms.h"

static void print_cache(FILE *to, const struct cache_view *cache)
{
	fprintf(to, "%-17s %6" PRIu64 " %6" PRIu64 " %6u %4u %4u", cache->name,
		cache->active_objects, cache->objects, cache->size, cache->num,
		1u << cache->order);
	fprintf(to, " : tunables %4u %4u %4u", cache->limit, cache->batchcount, cache->shared);
	fprintf(to, " : slabdata %6" PRIu64 " %6" PRIu64 " %6" PRIu64 "\n", cache->active_slabs,
		cache->slabs, cache->in_shared);
}

void print_slabinfo(FILE *to, const struct snapshot *snapshot)
{
	fputs("slabinfo - version: 2.1\n"
	      "# name            <active_objs> <num_objs> <objsize> <objperslab> <pagesperslab>"
	      " : tunables <limit> <batchcount> <sharedfactor>"
	      " : slabdata <active_slabs> <num_slabs> <sharedavail>\n", to);
	for (size_t i = 0; i < snapshot->caches_count; i++)
		print_cache(to, &snapshot->caches[i]);
}

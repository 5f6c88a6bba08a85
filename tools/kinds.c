/*
 * kinds.c: create the caches a trace names.
 *
 * The kernel has one cache of a name; a trace with two sizes under one name came from
 * a machine with two, and gets two.
 */
#include "kinds.h"

#include <errno.h>
#include <string.h>

#include "say.h"

const char *const allocator_name[ALLOCATORS] = { "ukmem", "malloc" };

/* The kind of an earlier entry with this entry's name and size; NULL when it is the first. */
static const struct kind *find_alike(const struct kinds *kinds, const struct trace *trace,
				     uint32_t entry)
{
	const struct trace_entry *me = &trace->entries[entry];

	for (uint32_t i = 0; i < entry; i++) {
		const struct trace_entry *other = &trace->entries[i];

		if (other->is_cache && other->bytes == me->bytes &&
		    strcmp(other->name, me->name) == 0)
			return &kinds->kind[i];
	}
	return NULL;
}

static bool kind_create(struct kinds *kinds, const struct trace *trace, uint32_t i)
{
	const struct trace_entry *entry = &trace->entries[i];
	struct kind *kind = &kinds->kind[i];
	const struct kind *alike;

	kind->bytes = entry->bytes;
	if (!entry->is_cache)
		return true;
	alike = find_alike(kinds, trace, i);
	kind->is_owner = alike == NULL;
	kind->cache = alike != NULL ? alike->cache
				    : kmem_cache_create(entry->name, entry->bytes, 0, 0, NULL);
	if (kind->cache != NULL)
		return true;
	say("%s: cannot create cache %s of %u bytes: %s", trace->path, entry->name, entry->bytes,
	    strerror(errno));
	return false;
}

bool kinds_create(struct kinds *kinds, const struct trace *trace)
{
	kinds->count = trace->entries_count;
	kinds->kind = calloc(trace->entries_count + 1ul, sizeof(*kinds->kind));
	if (kinds->kind == NULL) {
		say("%s: out of memory", trace->path);
		return false;
	}
	for (uint32_t i = 0; i < trace->entries_count; i++)
		if (!kind_create(kinds, trace, i))
			return false;
	return true;
}

void kinds_shrink(const struct kinds *kinds)
{
	for (uint32_t i = 0; i < kinds->count; i++)
		if (kinds->kind[i].is_owner)
			kmem_cache_shrink(kinds->kind[i].cache);
}

void kinds_destroy(struct kinds *kinds)
{
	for (uint32_t i = 0; kinds->kind != NULL && i < kinds->count; i++)
		if (kinds->kind[i].is_owner)
			kmem_cache_destroy(kinds->kind[i].cache);
	free(kinds->kind);
	*kinds = (struct kinds){ 0 };
}

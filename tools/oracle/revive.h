/*
 * revive.h: make the cache that a row of a caches table describes.
 */
#ifndef ORACLE_REVIVE_H
#define ORACLE_REVIVE_H

#include "cache_columns.h"

/* The columns of a caches table; with_refcount false: that one is named. */
bool caches_bind(struct columns *columns, const struct csv_row *header, bool with_refcount,
		 struct result *result);

/* Does the library itself have the cache of this name, or one in its place? */
bool is_own_cache(const char *name);

/*
 * Make it, or find it where it is the library's own (kmalloc). @forget what was made
 * here when it is no longer needed.
 */
struct made cache_revive(const struct columns *columns, const struct csv_row *row);
void cache_forget(const struct made *made);

#endif

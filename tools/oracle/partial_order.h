/*
 * partial_order.h: the one thing about a replay that the kernel leaves to chance.
 *
 * A shrink empties all CPUs' arrays, there at the same time. When several held
 * objects, the order in which slabs come to the partial list is not determined.
 */
#ifndef ORACLE_PARTIAL_ORDER_H
#define ORACLE_PARTIAL_ORDER_H

#include <stdbool.h>

#include "columns.h"

struct kmem_cache;

/* How many CPUs' arrays hold objects? */
unsigned arrays_in_use(struct kmem_cache *cache);

/*
 * Bring the partial lists into the row's order, where they are the same slabs in
 * another one. False when they are not.
 */
bool partial_order_adopt(struct kmem_cache *cache, const struct columns *columns,
			 const struct csv_row *row);

#endif

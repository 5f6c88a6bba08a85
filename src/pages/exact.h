/*
 * exact.h: any number of consecutive pages.
 *
 * A run of the next power of two is taken and the pages behind the wanted ones are given
 * back at once, unless such a block left a hole into which this one goes. What stays is runs
 * side by side, each as large as P1 lets it be (13 pages: 8, 4, 1). The first one's `active`
 * holds the whole count.
 */
#ifndef PAGES_EXACT_H
#define PAGES_EXACT_H

#include "pages/pages.h"

/*
 * @count pages, 1 .. RUN_PAGES_MAX, the first on a multiple of 2^@align_order pages, from
 * @node or any other. NULL when refused. May wait.
 */
struct page *exact_alloc(unsigned node, size_t count, unsigned align_order, bool *zeroed);
void exact_free(struct page *first);

/* Keep the first @count pages, give the rest back. */
void exact_shrink(struct page *first, size_t count);

/* To @count pages, RUN_PAGES_MAX at most, if those behind are free; false: all as it was. */
bool exact_grow(struct page *first, size_t count);

static inline size_t exact_count(const struct page *first)
{
	return first->active;
}

#endif

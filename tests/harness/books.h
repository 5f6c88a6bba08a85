/*
 * books.h: a page source that keeps books, and caches in sources.
 *
 * It fails the test when it is asked for what it gave already, for what it did not give,
 * or for anything that is no whole unit.
 */
#ifndef HARNESS_BOOKS_H
#define HARNESS_BOOKS_H

#include <ukmem/source.h>

#include "harness/look.h"

enum { MIB = 1 << 20 };

/* Bytes that it gave, how many it may give, how often it was asked. */
extern size_t books_given, books_limit;
extern unsigned books_calls;

/* Registered; one at a time. */
struct kmem_source *bookkeeper(size_t bytes, size_t unit);

/* What it does when asked, for tests that do more. */
int books_give(struct kmem_source *source, void *address, size_t bytes);
int books_take_back(struct kmem_source *source, void *address, size_t bytes);

/* Addresses without memory, @past bytes behind a boundary of 4 MiB. */
void *addresses(size_t bytes, size_t past);

/* Objects of whole pages fill their slabs. */
struct kmem_cache *cache_from(struct kmem_source *source, unsigned size);
bool is_inside(const struct kmem_source *source, const void *object);

/* Take objects until there is none, or @most. Returns how many came. */
unsigned take_all(struct kmem_cache *cache, void **objects, unsigned most);

#endif

/*
 * cache_columns.h: what a cache is made of, column by column.
 *
 * Subject of all printers: a struct made, below.
 */
#ifndef ORACLE_CACHE_COLUMNS_H
#define ORACLE_CACHE_COLUMNS_H

#include "columns.h"

struct kmem_cache;

struct made {
	struct kmem_cache *cache;       /* NULL: refused */
	int error;                      /* 0 or the errno, negative */
};

/* The columns of all tables of caches; a table adds its arguments in front. */
extern const struct column cache_columns[];
extern const unsigned cache_columns_count;

/* Bits of flags that both sides keep, and show. */
extern const uint32_t flag_bits_compared;

/* This process's constructor, and how often it was called. */
void count_ctor_call(void *object);
extern unsigned long ctor_calls;

#endif

/* dump.h: what lies in the arrays and free lists, in the lines of a #dump. */
#ifndef ORACLE_DUMP_H
#define ORACLE_DUMP_H

#include "text.h"

struct kmem_cache;

/* All lines, each ended. */
void dump_print(struct text *out, struct kmem_cache *cache);

/* The first line of a dump, so that two in a row can be told apart. */
#define DUMP_BEGINS "#dump ac cpu0:"

#endif

/*
 * named.h: what differs from the kernel on purpose, or can't be compared, by name.
 *
 * Nothing is passed over in silence: each such row or cell is counted under its name.
 *   a cell  is not compared, but the rest of its row is: the row can still differ.
 *   a row   differs as a whole, and just so as the reason says.
 */
#ifndef ORACLE_NAMED_H
#define ORACLE_NAMED_H

#include <stdbool.h>

enum named {
	NAMED_ARGUMENT,         /* a column that says what to do: not counted */
	NAMED_ALLOCFLAGS,
	NAMED_FLAG_BITS,
	NAMED_NO_NAME_HERE,
	NAMED_BOOT_REFCOUNT,
	NAMED_EARLY_CACHE,
	NAMED_REAP_RESULT,
	NAMED_SLABINFO_USE,
	NAMED_KMALLOC_LARGE,
	NAMED_KMALLOC_ROUNDUP,
	NAMED_REFUSED,
	NAMED_OTHER_ERRNO,
	NAMED_FLAG_EXISTS,
	NAMED_PARTIAL_ORDER,
	NAMED_NATURAL,
	NAMED_BENCH,
	NAMED_IDS
};

struct named_text {
	const char *where;      /* kind and column, or kind and which rows */
	bool row;               /* the row is named, not only a cell of it */
	const char *reason;
};

extern const struct named_text named_texts[NAMED_IDS];

#endif

/*
 * lost.h: the objects that a target can't reach any more, by cache and by the stack that
 * allocated them, most bytes first.
 */
#ifndef INSPECT_LOST_H
#define INSPECT_LOST_H

#include <jansson.h>

#include "profile.h"
#include "reach.h"

/* What was lost in one way. */
struct lost_group {
	const char *cache;             /* the snapshot's */
	uint32_t stack;                /* 0: not known */
	uint64_t objects, bytes, example;
};

struct lost {
	struct lost_group *at;
	size_t count;
	uint64_t objects, bytes, live;
	unsigned damaged;              /* slabs that contradict themselves were left out */
};

/* False after one line on stderr. */
bool lost_find(struct lost *lost, struct target *target, const struct snapshot *snapshot);
void lost_free(struct lost *lost);

/*
 * What ukmem leaks -o json prints, or NULL after one line on stderr. A process is stopped
 * meanwhile, if it may be.
 */
json_t *leaks_json(struct target *target);

json_t *lost_json(const struct lost *lost, struct target *target);

#endif

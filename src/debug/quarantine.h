/*
 * quarantine.h: freed objects held back, so that a late write meets poison, and a late
 * free an object that nobody has got meanwhile.
 *
 * One ring for all caches with checks, oldest out first, at most debug_quarantine:BYTES.
 * When it is full an eighth leaves, so that many go home under one lock.
 */
#ifndef DEBUG_QUARANTINE_H
#define DEBUG_QUARANTINE_H

#include "os/lock.h"
#include "slab/slab.h"

/* That leave at once. */
enum { QUARANTINE_EXITS_MAX = 64 };

/*
 * What becomes of objects that leave: they go home. Whoever takes them from there looks at
 * their poison; @looks: there may be nobody, look now.
 */
extern void (*quarantine_exit)(struct slab_layout *layout, void *const *objects, unsigned count,
			       bool looks);

/* Get the ring, if there is none yet. Under the registry's lock. Refused: none. */
void quarantine_init(void);

/* False: there is none; the object, of @layout, goes home at once. */
bool quarantine_hold(struct slab_layout *layout, void *object);

/* Let go of all objects of @layout; NULL: of all. */
void quarantine_release(struct slab_layout *layout);

/* Across fork: threads that were bringing objects home are not in the child. */
extern struct lock quarantine_lock;
void quarantine_after_fork(void);

#endif

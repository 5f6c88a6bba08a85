/*
 * record.h: each allocation and free into a file, for ukmem record --trace.
 *
 * With trace:FILE every cache without checks has these hooks, so its calls leave the hit
 * path by the door; cache/recorder.c gives and takes them while the program runs. What stands in the file is ours alone (tools/inspect/events.c turns it
 * into a trace): a head with the names of the caches, then 16 bytes an event, in the order
 * in which they happened to each address.
 *
 *   R1  an allocation's place is reserved after the object was taken, a free's before it
 *       goes back: so of two owners of one address the first one's free comes first.
 *   R2  a place whose op is 0 was reserved and never written; all others are whole.
 */
#ifndef DEBUG_RECORD_H
#define DEBUG_RECORD_H

#include <stdatomic.h>

#include "slab/hooks.h"

#define RECORD_MAGIC "ukmem events 1"
enum { RECORD_CACHES = 1023, RECORD_NAME_BYTES = 60 };
enum record_op { RECORD_NOTHING, RECORD_ALLOC, RECORD_FREE };

struct record_event {
	uint64_t object;
	uint32_t size;                  /* what was asked for */
	uint16_t cache;
	uint8_t slot;                   /* of the CPU, modulo 256 */
	_Atomic uint8_t op;             /* written last */
};

struct record_cache {
	char name[RECORD_NAME_BYTES];
	uint32_t object_size;
};

struct record_head {
	char magic[16];                 /* RECORD_MAGIC */
	_Atomic uint64_t next;          /* the place of the next event */
	_Atomic uint64_t missed;        /* events there was no room for */
	uint32_t caches, process;
	uint32_t others;                /* not 0: other processes would have recorded, too */
	uint32_t unused[5];
	struct record_cache cache[RECORD_CACHES];
	struct record_event event[];
};

static_assert(sizeof(struct record_event) == 16, "as in the file");
static_assert(sizeof(struct record_head) == 1024 * 64, "as in the file");

/*
 * The hooks, and a number for the cache; NULL when there are too many, or no file: with
 * trace:FILE it is made here. Under the registry's lock, as all of these.
 */
const struct slab_hooks *record_hooks(struct slab_layout *layout);

/* A file without a name: its descriptor, or -errno; -EBUSY when there is a file. */
int record_open(void);

/* Does somebody wait for it? */
bool record_is_awaited(void);

/* No events any more; those being written are waited for. A named file stays open. */
void record_close(void);

/* A child's events are not its parent's. */
void record_abandon(void);

#endif

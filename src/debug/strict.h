/*
 * strict.h: hardening:strict. What a free can be asked once it is no hit.
 *
 * The arrays of such a cache give objects and take none. So an allocation is the hit it is
 * elsewhere, and each free leaves by the door and goes straight to its slab, whose map tells
 * a second free and a pointer into the middle. Besides:
 *
 *      | object, as large as was asked for | seal, 16 bytes and what alignment adds | next
 *
 *      seal    a number nobody knows, of the object's address: written when the object leaves
 *              its slab, looked at when it is freed
 *      zero    an object is cleared when it is freed, and must still be so when it leaves its
 *              slab; not where a constructor's work or late readers forbid it
 *
 * Needs maps, hence the default profile. The price is a lock a free, the room, and the
 * clearing; docs/debugging.md has it in figures.
 */
#ifndef DEBUG_STRICT_H
#define DEBUG_STRICT_H

#include "slab/slab.h"

enum { SEAL_BYTES = 16 };

/* After the layout is made, with SEAL_BYTES behind each object. */
void strict_attach(struct slab_layout *layout);

/* These left their slabs. */
void strict_taken(const struct slab_layout *layout, void *const *objects, unsigned count);

/* This one is going to its slab. What is wrong with it ends the program. */
void strict_check(const struct slab_layout *layout, void *object);

#endif

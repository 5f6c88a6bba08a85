/*
 * holes.h: memory inside of slabs that are still used.
 */
#ifndef NODE_HOLES_H
#define NODE_HOLES_H

#include "node/node.h"

/*
 * Give the holes of @slab (slab/holes.h) back to the OS, if it is one of @n's, partly
 * used, and had no object taken or given since the last call. Takes the node's lock, but
 * not for the system calls. Returns how many pages went.
 */
size_t node_purge_holes(struct kmem_cache_node *n, struct page *slab);

#endif

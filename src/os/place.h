/*
 * place.h: on which of the OS's nodes memory lies.
 */
#ifndef OS_PLACE_H
#define OS_PLACE_H

#include "base/compiler.h"

/*
 * Touch each page of @bytes at @address and have it on @os_node, moved there if the kernel
 * put it elsewhere. 0; -ENOMEM when a page can't be had there. Where the system does not
 * tell (no move_pages, or a filter forbids it) all is taken to be well.
 * Contents stay, whoever else may be changing them.
 */
int settle_memory(void *address, size_t bytes, int os_node);

/* The same by our number of the node, and true wherever there is no choice. */
bool lies_on_node(void *address, size_t bytes, unsigned node);

#endif

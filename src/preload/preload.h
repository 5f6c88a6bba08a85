/*
 * preload.h: what the C library's headers do not declare, or only in C23.
 */
#ifndef PRELOAD_PRELOAD_H
#define PRELOAD_PRELOAD_H

#include <malloc.h>
#include <stdbool.h>
#include <stddef.h>

/* Of start.c, which nobody calls: who needs malloc asks for this, or an archive leaves it out. */
extern const char preload_starts;

void free_sized(void *block, size_t size);
void free_aligned_sized(void *block, size_t align, size_t size);

/* The table of all caches, whole, into @file. False, with errno, when that can't be. */
bool table_write(int file);

#endif

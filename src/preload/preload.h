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

/* The same to who listens, or nothing. */
typedef void tell_function(void *to, const char *text);
void table_tell(tell_function *tell, void *to);

/* jemalloc's. */

void *mallocx(size_t size, int flags);
void *rallocx(void *block, size_t size, int flags);
size_t xallocx(void *block, size_t size, size_t extra, int flags);
size_t sallocx(const void *block, int flags);
size_t nallocx(size_t size, int flags);
void dallocx(void *block, int flags);
void sdallocx(void *block, size_t size, int flags);
int mallctl(const char *name, void *old, size_t *old_bytes, void *new, size_t new_bytes);
int mallctlnametomib(const char *name, size_t *mib, size_t *length);
int mallctlbymib(const size_t *mib, size_t length, void *old, size_t *old_bytes, void *new,
		 size_t new_bytes);
void malloc_stats_print(tell_function *tell, void *to, const char *options);

#endif

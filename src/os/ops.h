/*
 * ops.h: the system calls that may be refused, in one table.
 *
 * All of them are cold. Tests and fault injection replace entries before the first
 * call into the library; nothing else in src/ makes these calls.
 * Every entry returns 0 or -errno.
 */
#ifndef OS_OPS_H
#define OS_OPS_H

#include <stddef.h>
#include <stdint.h>

struct os_ops {
	/* Address space without memory behind it; @hint may be NULL. */
	int (*reserve)(void *hint, size_t bytes, void **out);
	int (*unreserve)(void *address, size_t bytes);
	/* Make a part of it usable: zeroed on first touch. */
	int (*commit)(void *address, size_t bytes);
	/* Give the memory back, keep the addresses; reads as zero afterwards. */
	int (*purge)(void *address, size_t bytes);
	/* Prefer @node for pages not yet touched. */
	int (*bind)(void *address, size_t bytes, int node);
	/* Touched memory comes to lie on @node; -ENOMEM when some of it can't (os/place.c). */
	int (*settle)(void *address, size_t bytes, int node);
	/* Memory of its own, for things larger than the page allocator's largest. */
	int (*map)(size_t bytes, void **out);
	int (*unmap)(void *address, size_t bytes);
	/* Make it longer or shorter, moving it where it must; contents stay. */
	int (*remap)(void *address, size_t old_bytes, size_t bytes, void **out);
	/* Keep it from being swapped (which puts memory behind all of it), and no more. */
	int (*lock)(void *address, size_t bytes);
	int (*unlock)(void *address, size_t bytes);
	/* Put reserved huge pages at addresses of ours; take them away again. */
	int (*map_huge)(void *address, size_t bytes);
	int (*unmap_huge)(void *address, size_t bytes);
	/* A file of memory; have it at addresses of ours; memory for a part, and none. */
	int (*open_shared)(const char *name, size_t bytes, int *fd);
	int (*map_shared)(void *address, size_t bytes, int fd);
	int (*fill_shared)(int fd, size_t offset, size_t bytes);
	int (*punch_shared)(int fd, size_t offset, size_t bytes);
	int (*punch_mapped)(void *address, size_t bytes);
	/* Start the helper thread. */
	int (*start_thread)(void *(*body)(void *), void *argument);
};

extern struct os_ops os_ops;

#endif

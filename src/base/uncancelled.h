/*
 * uncancelled.h: system calls that are no cancellation points.
 *
 * A thread that is to be cancelled ends in the C library's open, read, write, close,
 * nanosleep, fallocate or getrandom. It would end inside of us, with our locks; and POSIX has neither
 * malloc nor free among those points. What goes by number does not look.
 */
#ifndef BASE_UNCANCELLED_H
#define BASE_UNCANCELLED_H

#include <fcntl.h>
#include <sys/random.h>
#include <sys/syscall.h>
#include <time.h>
#include <unistd.h>

static inline int uncancelled_open(const char *path, int flags)
{
	return (int)syscall(SYS_openat, AT_FDCWD, path, flags, 0666);
}

static inline ssize_t uncancelled_read(int file, void *to, size_t size)
{
	return syscall(SYS_read, file, to, size);
}

static inline ssize_t uncancelled_write(int file, const void *from, size_t size)
{
	return syscall(SYS_write, file, from, size);
}

static inline void uncancelled_close(int file)
{
	syscall(SYS_close, file);
}

static inline int uncancelled_fallocate(int file, int mode, size_t offset, size_t bytes)
{
	return (int)syscall(SYS_fallocate, file, mode, offset, bytes);
}

static inline ssize_t uncancelled_random(void *to, size_t size)
{
	return syscall(SYS_getrandom, to, size, GRND_NONBLOCK);
}

/* A signal may end it sooner. */
static inline void uncancelled_pause(void)
{
	const struct timespec millisecond = { .tv_nsec = 1000000 };

	syscall(SYS_nanosleep, &millisecond, NULL);
}

#endif

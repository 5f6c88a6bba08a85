/*
 * ops.c: the table of system calls, filled with the real ones.
 */
#include "os/ops.h"

#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <linux/mman.h>
#include <pthread.h>
#include <signal.h>
#include <sys/mman.h>
#include <sys/syscall.h>
#include <unistd.h>

#include "base/bits.h"
#include "base/uncancelled.h"
#include "os/options.h"
#include "os/place.h"

static int map_at(void *hint, size_t bytes, int protection, int flags, void **out)
{
	void *address = mmap(hint, bytes, protection,
			     MAP_PRIVATE | MAP_ANONYMOUS | flags, -1, 0);

	if (address == MAP_FAILED)
		return -errno;
	*out = address;
	return 0;
}

/*
 * A hint is all or nothing, and not MAP_FIXED_NOREPLACE: ThreadSanitizer turns a hint that it
 * does not like into 0, where that flag would put us if we are root.
 */
static int reserve(void *hint, size_t bytes, void **out)
{
	int error = map_at(hint, bytes, PROT_NONE, MAP_NORESERVE, out);

	if (error == 0 && hint != NULL && *out != hint) {
		munmap(*out, bytes);
		return -EEXIST;
	}
	return error;
}

static int unmap(void *address, size_t bytes)
{
	return munmap(address, bytes) == 0 ? 0 : -errno;
}

/* Huge pages are advice; where the kernel does not take it, small ones do. */
static int commit(void *address, size_t bytes)
{
	if (mprotect(address, bytes, PROT_READ | PROT_WRITE) != 0)
		return -errno;
	if (options.thp)
		madvise(address, bytes, MADV_HUGEPAGE);
	return 0;
}

static int purge(void *address, size_t bytes)
{
	return madvise(address, bytes, MADV_DONTNEED) == 0 ? 0 : -errno;
}

/* MPOL_PREFERRED: a full node borrows from its neighbours instead of killing us. */
static int bind_memory(void *address, size_t bytes, int node)
{
	enum { MPOL_PREFERRED_ = 1, MASK_BITS = 1024 };
	unsigned long mask[MASK_BITS / 64] = { 0 };

	if (node < 0 || node >= MASK_BITS)
		return -EINVAL;
	mask[node / 64] = 1ul << (node % 64);
	if (syscall(SYS_mbind, address, bytes, MPOL_PREFERRED_, mask, (long)MASK_BITS, 0) != 0)
		return -errno;
	return 0;
}

static int map(size_t bytes, void **out)
{
	return map_at(NULL, bytes, PROT_READ | PROT_WRITE, 0, out);
}

static int remap(void *address, size_t old_bytes, size_t bytes, void **out)
{
	void *moved = mremap(address, old_bytes, bytes, MREMAP_MAYMOVE);

	if (moved == MAP_FAILED)
		return -errno;
	*out = moved;
	return 0;
}

static int lock_memory(void *address, size_t bytes)
{
	return mlock(address, bytes) == 0 ? 0 : -errno;
}

static int unlock_memory(void *address, size_t bytes)
{
	return munlock(address, bytes) == 0 ? 0 : -errno;
}

/* In the place of what is there; if it is refused, that may be gone. */
static int map_over(void *address, size_t bytes, int protection, int flags, int fd)
{
	void *there = mmap(address, bytes, protection, MAP_FIXED | flags, fd, 0);

	return there == MAP_FAILED ? -errno : 0;
}

static int unmap_huge(void *address, size_t bytes)
{
	return map_over(address, bytes, PROT_NONE, MAP_PRIVATE | MAP_ANONYMOUS | MAP_NORESERVE, -1);
}

/*
 * Of 2 MiB. Without MAP_NORESERVE the kernel refuses now rather than kills us later. Elsewhere
 * first: refused over our addresses it leaves a hole, where the program's next mapping comes to
 * lie, and the next huge page over that. Linux moves such mappings since 5.16; one that does not
 * says so by EINVAL.
 */
static int map_huge(void *address, size_t bytes)
{
	void *elsewhere = NULL;
	int error = map_at(NULL, bytes, PROT_READ | PROT_WRITE,
			   MAP_HUGETLB | (21 << MAP_HUGE_SHIFT), &elsewhere);

	if (error != 0)
		return error;
	if (mremap(elsewhere, bytes, bytes, MREMAP_MAYMOVE | MREMAP_FIXED, address) != MAP_FAILED)
		return 0;
	error = errno == EINVAL ? -EOPNOTSUPP : -errno;
	munmap(elsewhere, bytes);
	unmap_huge(address, bytes);
	return error;
}

static int open_shared(const char *name, size_t bytes, int *fd)
{
	int file = memfd_create(name, MFD_CLOEXEC), error;

	if (file < 0)
		return -errno;
	if (ftruncate(file, (off_t)bytes) != 0) {
		error = errno;
		uncancelled_close(file);
		return -error;
	}
	*fd = file;
	return 0;
}

static int map_shared(void *address, size_t bytes, int fd)
{
	return map_over(address, bytes, PROT_READ | PROT_WRITE, MAP_SHARED, fd);
}

static int fill_shared(int fd, size_t offset, size_t bytes)
{
	return uncancelled_fallocate(fd, 0, offset, bytes) == 0 ? 0 : -errno;
}

static int punch_shared(int fd, size_t offset, size_t bytes)
{
	return uncancelled_fallocate(fd, FALLOC_FL_PUNCH_HOLE | FALLOC_FL_KEEP_SIZE, offset,
				     bytes) == 0 ? 0 : -errno;
}

/* The same by the mapping, which must not be locked. */
static int punch_mapped(void *address, size_t bytes)
{
	return madvise(address, bytes, MADV_REMOVE) == 0 ? 0 : -errno;
}

/* Detached, on a small stack, with every signal blocked: it is nobody's thread. */
static int start_thread(void *(*body)(void *), void *argument)
{
	pthread_attr_t attributes;
	sigset_t all, before;
	pthread_t thread;
	int error = pthread_attr_init(&attributes);

	if (error != 0)
		return -error;
	pthread_attr_setdetachstate(&attributes, PTHREAD_CREATE_DETACHED);
	pthread_attr_setstacksize(&attributes,
				  align_up(max_size((size_t)PTHREAD_STACK_MIN, 64 << 10), PAGE_BYTES));
	sigfillset(&all);
	pthread_sigmask(SIG_SETMASK, &all, &before);
	error = pthread_create(&thread, &attributes, body, argument);
	pthread_sigmask(SIG_SETMASK, &before, NULL);
	pthread_attr_destroy(&attributes);
	return -error;
}

struct os_ops os_ops = {
	.reserve = reserve,
	.unreserve = unmap,
	.commit = commit,
	.purge = purge,
	.bind = bind_memory,
	.settle = settle_memory,
	.map = map,
	.unmap = unmap,
	.remap = remap,
	.lock = lock_memory,
	.unlock = unlock_memory,
	.map_huge = map_huge,
	.unmap_huge = unmap_huge,
	.open_shared = open_shared,
	.map_shared = map_shared,
	.fill_shared = fill_shared,
	.punch_shared = punch_shared,
	.punch_mapped = punch_mapped,
	.start_thread = start_thread,
};

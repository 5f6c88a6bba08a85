#include "os/event_file.h"

#include <errno.h>
#include <fcntl.h>
#include <sys/file.h>
#include <sys/mman.h>
#include <sys/resource.h>
#include <unistd.h>

#include "base/uncancelled.h"

/* Chosen: addresses for 4 billion events; less where they are limited. */
static const size_t sizes[] = { (size_t)64 << 30, (size_t)1 << 30 };

static int map(struct event_file *file, int fd)
{
	int error = -ENOMEM;

	for (size_t i = 0; i < ARRAY_LENGTH(sizes); i++) {
		void *memory = mmap(NULL, sizes[i], PROT_READ | PROT_WRITE,
				    MAP_SHARED | MAP_NORESERVE, fd, 0);

		if (memory == MAP_FAILED) {
			error = -errno;
			continue;
		}
		*file = (struct event_file){ .file = fd, .memory = memory, .bytes = sizes[i] };
		file_identify(fd, &file->identity);
		return 0;
	}
	uncancelled_close(fd);
	return error;
}

int event_file_create(struct event_file *file, const char *path)
{
	int error, fd = uncancelled_open(path, O_RDWR | O_CREAT | O_EXCL | O_CLOEXEC);

	if (fd < 0)
		return -errno;
	error = map(file, fd);
	if (error != 0)
		unlink(path);
	return error;
}

int event_file_unnamed(struct event_file *file)
{
	int fd = uncancelled_open("/var/tmp", O_RDWR | O_TMPFILE | O_CLOEXEC);

	if (fd < 0)
		fd = memfd_create("ukmem events", MFD_CLOEXEC);
	return fd < 0 ? -errno : map(file, fd);
}

bool event_file_is_locked(const struct event_file *file)
{
	if (file->memory == NULL || !file_is(file->file, &file->identity))
		return false;
	if (flock(file->file, LOCK_EX | LOCK_NB) != 0)
		return true;
	flock(file->file, LOCK_UN);
	return false;
}

int event_file_extend(const struct event_file *file, size_t offset, size_t bytes)
{
	struct rlimit limit;

	if (!file_is(file->file, &file->identity))
		return -EBADF;
	/* The system would end the program for it. */
	if (offset + bytes > file->bytes || getrlimit(RLIMIT_FSIZE, &limit) != 0 ||
	    offset + bytes > limit.rlim_cur)
		return -EFBIG;
	return uncancelled_fallocate(file->file, 0, offset, bytes) == 0 ? 0 : -errno;
}

void event_file_close(struct event_file *file)
{
	munmap(file->memory, file->bytes);
	if (file_is(file->file, &file->identity))
		uncancelled_close(file->file);
	*file = (struct event_file){ 0 };
}

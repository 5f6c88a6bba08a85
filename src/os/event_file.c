#include "os/event_file.h"

#include <errno.h>
#include <fcntl.h>
#include <sys/mman.h>
#include <sys/resource.h>
#include <unistd.h>

/* Chosen: addresses for 4 billion events; less where they are limited. */
static const size_t sizes[] = { (size_t)64 << 30, (size_t)1 << 30 };

int event_file_create(struct event_file *file, const char *path)
{
	int error = -ENOMEM, fd = open(path, O_RDWR | O_CREAT | O_EXCL | O_CLOEXEC, 0666);

	if (fd < 0)
		return -errno;
	for (size_t i = 0; i < ARRAY_LENGTH(sizes); i++) {
		void *memory = mmap(NULL, sizes[i], PROT_READ | PROT_WRITE,
				    MAP_SHARED | MAP_NORESERVE, fd, 0);

		if (memory == MAP_FAILED) {
			error = -errno;
			continue;
		}
		*file = (struct event_file){ fd, memory, sizes[i] };
		return 0;
	}
	close(fd);
	unlink(path);
	return error;
}

int event_file_extend(const struct event_file *file, size_t offset, size_t bytes)
{
	struct rlimit limit;

	/* The system would end the program for it. */
	if (offset + bytes > file->bytes || getrlimit(RLIMIT_FSIZE, &limit) != 0 ||
	    offset + bytes > limit.rlim_cur)
		return -EFBIG;
	return fallocate(file->file, 0, (off_t)offset, (off_t)bytes) == 0 ? 0 : -errno;
}

void event_file_discard(struct event_file *file, const char *path)
{
	munmap(file->memory, file->bytes);
	close(file->file);
	unlink(path);
	*file = (struct event_file){ 0 };
}

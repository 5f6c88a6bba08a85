/*
 * wait.c: see wait.h. The errno of callers is kept.
 */
#include "os/wait.h"

#include <errno.h>
#include <linux/futex.h>
#include <sys/syscall.h>
#include <time.h>
#include <unistd.h>

static void futex(const void *word, int operation, uint32_t value, const struct timespec *time)
{
	int kept_errno = errno;

	syscall(SYS_futex, word, operation, value, time, NULL, 0);
	errno = kept_errno;
}

void wait_while(const void *word, uint32_t value, unsigned ms)
{
	struct timespec time = { .tv_sec = ms / 1000, .tv_nsec = ms % 1000 * 1000000l };

	futex(word, FUTEX_WAIT_PRIVATE, value, ms == WAIT_FOREVER ? NULL : &time);
}

void wake(const void *word, int count)
{
	futex(word, FUTEX_WAKE_PRIVATE, (uint32_t)count, NULL);
}

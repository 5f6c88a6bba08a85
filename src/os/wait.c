/*
 * wait.c: see wait.h. The errno of callers is kept.
 */
#include "os/wait.h"

#include <errno.h>
#include <limits.h>
#include <linux/futex.h>
#include <sys/syscall.h>
#include <time.h>
#include <unistd.h>

void wait_while(const uint32_t *word, uint32_t value, unsigned ms)
{
	struct timespec time = { .tv_sec = ms / 1000, .tv_nsec = ms % 1000 * 1000000l };
	int kept_errno = errno;

	syscall(SYS_futex, word, FUTEX_WAIT_PRIVATE, value, &time, NULL, 0);
	errno = kept_errno;
}

void wake_all(const uint32_t *word)
{
	int kept_errno = errno;

	syscall(SYS_futex, word, FUTEX_WAKE_PRIVATE, INT_MAX, NULL, NULL, 0);
	errno = kept_errno;
}

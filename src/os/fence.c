/*
 * fence.c: membarrier.
 */
#include "os/fence.h"

#include <errno.h>
#include <linux/membarrier.h>
#include <sys/syscall.h>
#include <unistd.h>

static long membarrier(int command)
{
	return syscall(SYS_membarrier, command, 0, 0);
}

bool fence_init(void)
{
	long known = membarrier(MEMBARRIER_CMD_QUERY);

	return known > 0 && (known & MEMBARRIER_CMD_PRIVATE_EXPEDITED_RSEQ) != 0 &&
	       membarrier(MEMBARRIER_CMD_REGISTER_PRIVATE_EXPEDITED_RSEQ) == 0;
}

bool fence(void)
{
	int kept_errno = errno;
	bool done = membarrier(MEMBARRIER_CMD_PRIVATE_EXPEDITED_RSEQ) == 0;

	errno = kept_errno;
	return done;
}

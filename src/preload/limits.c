/*
 * limits.c: a program that limits its own address space.
 *
 * The kernel counts what we reserved, far more than is used, so behind a new limit nothing
 * could be mapped any more: no thread's stack, no library. pages/limit.c gives most back.
 */
#include <sys/resource.h>
#include <sys/syscall.h>
#include <unistd.h>

#include "malloc/heap.h"
#include "os/thread.h"
#include "pages/zone.h"

/* A vfork child sets its own limit, in its parent's memory. */
static void limit_was_set(pid_t process)
{
	if ((process == 0 || process == getpid()) && thread_mode() != THREAD_BYPASS)
		pages_fit_limit();
}

/* glibc's headers want an enumeration in C++ and an int elsewhere; a number is passed. */
PUBLIC int prlimit(pid_t process, __rlimit_resource_t resource, const struct rlimit *new,
		   struct rlimit *old)
{
	long result = syscall(SYS_prlimit64, process, resource, new, old);

	if (result == 0 && new != NULL && resource == RLIMIT_AS)
		limit_was_set(process);
	return (int)result;
}

PUBLIC int setrlimit(__rlimit_resource_t resource, const struct rlimit *limit)
{
	return prlimit(0, resource, limit, NULL);
}

/* The same here: addresses are of 64 bits. */
__asm__(".globl prlimit64, setrlimit64\n\t.set prlimit64, prlimit\n\t.set setrlimit64, setrlimit");

/*
 * stop.c: all threads of a process at rest, and their registers, by ptrace.
 */
#include <dirent.h>
#include <elf.h>
#include <errno.h>
#include <stddef.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/ptrace.h>
#include <sys/uio.h>
#include <sys/user.h>
#include <sys/wait.h>
#include <time.h>

#include "roots.h"

enum {
	THREADS_MAX = 1 << 16,
	ROUNDS_MAX = 64,               /* of the list of threads, while it grows */
	WAITS_MAX = 2000,              /* of a millisecond */
	XSTATE_BYTES = 16384,          /* more than any CPU has */
};

#ifdef __x86_64__
enum { STACK_POINTER = offsetof(struct user_regs_struct, rsp), VECTORS = NT_X86_XSTATE };
#else
enum { STACK_POINTER = offsetof(struct user_regs_struct, sp), VECTORS = NT_PRFPREG };
#endif

static bool is_stopped(const struct stopped *stopped, pid_t thread)
{
	for (size_t i = 0; i < stopped->count; i++)
		if (stopped->thread[i].id == thread)
			return true;
	return false;
}

/* 1: it rests. 0: it has ended meanwhile. -1: neither, and we have waited long enough. */
static int wait_for_rest(struct stopped_thread *thread)
{
	const struct timespec millisecond = { .tv_nsec = 1000000 };
	int status;

	for (int i = 0; i < WAITS_MAX; i++) {
		pid_t got = waitpid(thread->id, &status, __WALL | WNOHANG);

		if (got < 0 || (got > 0 && !WIFSTOPPED(status)))
			return 0;
		if (got > 0) {
			/* A signal on its way is delivered when we let go. */
			thread->signal = status >> 16 == PTRACE_EVENT_STOP ? 0 : WSTOPSIG(status);
			return 1;
		}
		nanosleep(&millisecond, NULL);
	}
	return -1;
}

/* As wait_for_rest. */
static int stop_thread(struct stopped_thread *thread)
{
	if (ptrace(PTRACE_SEIZE, thread->id, NULL, NULL) != 0)
		return errno == ESRCH ? 0 : -1;
	if (ptrace(PTRACE_INTERRUPT, thread->id, NULL, NULL) != 0)
		return 0;
	return wait_for_rest(thread);
}

/* One look at the list. -1: refused; else how many were stopped. */
static int stop_round(struct stopped *stopped, DIR *tasks)
{
	struct dirent *entry;
	int count = 0, rests;

	while ((entry = readdir(tasks)) != NULL) {
		struct stopped_thread thread = { .id = atoi(entry->d_name) };

		if (thread.id <= 0 || is_stopped(stopped, thread.id))
			continue;
		rests = stopped->count < THREADS_MAX ? stop_thread(&thread) : -1;
		if (rests < 0)
			return -1;
		if (rests > 0)
			stopped->thread[stopped->count++] = thread;
		count += rests;
	}
	return count;
}

/* Who still runs may start others: until a look finds none that runs. */
bool stop_process(struct stopped *stopped, pid_t pid)
{
	char path[64];
	int found = 1;
	DIR *tasks;

	*stopped = (struct stopped){ 0 };
	stopped->thread = calloc(THREADS_MAX, sizeof(*stopped->thread));
	snprintf(path, sizeof(path), "/proc/%d/task", pid);
	for (int round = 0; round < ROUNDS_MAX && found > 0 && stopped->thread != NULL; round++) {
		tasks = opendir(path);
		found = tasks != NULL ? stop_round(stopped, tasks) : -1;
		if (tasks != NULL)
			closedir(tasks);
	}
	if (found == 0 && stopped->count != 0)
		return true;
	stop_end(stopped);
	return false;
}

void stop_end(struct stopped *stopped)
{
	for (size_t i = 0; i < stopped->count; i++)
		ptrace(PTRACE_DETACH, stopped->thread[i].id, NULL,
		       (void *)(intptr_t)stopped->thread[i].signal);
	free(stopped->thread);
	*stopped = (struct stopped){ 0 };
}

bool stop_registers(struct roots *roots, pid_t thread)
{
	struct user_regs_struct registers;
	static uint8_t vectors[XSTATE_BYTES];
	struct iovec whole = { &registers, sizeof(registers) }, more = { vectors, sizeof(vectors) };
	uint64_t stack_pointer;

	if (ptrace(PTRACE_GETREGSET, thread, (void *)NT_PRSTATUS, &whole) != 0)
		return false;
	if (ptrace(PTRACE_GETREGSET, thread, (void *)(uintptr_t)VECTORS, &more) != 0)
		more.iov_len = 0;
	stack_pointer = *(uint64_t *)(void *)((char *)&registers + STACK_POINTER);
	return roots_add_words(roots, &registers, whole.iov_len) &&
	       roots_add_words(roots, vectors, more.iov_len) &&
	       roots_add_stack_pointer(roots, stack_pointer);
}

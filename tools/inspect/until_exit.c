/*
 * until_exit.c: run a program until it is about to be gone: all it does is done, and its memory
 * is still there.
 *
 * The kernel stops a traced process for that (PTRACE_EVENT_EXIT). Only the first thread is traced,
 * the others run as ever, and are gone by then. If we die the program is killed.
 */
#include <errno.h>
#include <signal.h>
#include <string.h>
#include <sys/ptrace.h>
#include <sys/wait.h>
#include <unistd.h>

#include "../say.h"
#include "child.h"
#include "roots.h"

enum { NOT_RUN = 127 };

static void begin(char **words)
{
	if (ptrace(PTRACE_TRACEME, 0, NULL, NULL) == 0 && raise(SIGSTOP) == 0)
		execvp(words[0], words);
	say("%s: %s", words[0], strerror(errno));
	_exit(NOT_RUN);
}

/* What a stop means: a signal that it should get, or 0. */
static int signal_of(int status)
{
	int signal = WSTOPSIG(status);

	return status >> 16 != 0 || signal == SIGTRAP ? 0 : signal;
}

/* @is_news: it has not said itself why. */
static pid_t ended_early(const char *program, bool is_news)
{
	child_ended();
	if (is_news)
		say("%s: it did not run to an end that can be looked at", program);
	return -1;
}

pid_t run_until_exit(char **words)
{
	pid_t pid = fork();
	bool began = false;
	int status;

	if (pid == 0)
		begin(words);
	if (pid < 0 || waitpid(pid, &status, 0) != pid || !WIFSTOPPED(status))
		return ended_early(words[0], pid < 0);
	ptrace(PTRACE_SETOPTIONS, pid, NULL, (void *)(intptr_t)(PTRACE_O_TRACEEXIT |
		PTRACE_O_TRACEEXEC | PTRACE_O_EXITKILL));
	child_begins(pid);
	status = 0;
	do {
		ptrace(PTRACE_CONT, pid, NULL, (void *)(intptr_t)(status == 0 ? 0 : signal_of(status)));
		while (waitpid(pid, &status, 0) < 0)
			if (errno != EINTR)
				return ended_early(words[0], true);
		if (!WIFSTOPPED(status))
			return ended_early(words[0], began);
		began = began || status >> 16 == PTRACE_EVENT_EXEC;
	} while (status >> 16 != PTRACE_EVENT_EXIT);
	if (!began)
		let_exit(pid);
	return began ? pid : -1;
}

/* How it ended: as a shell tells. */
int let_exit(pid_t pid)
{
	unsigned long message = 0;
	int status;

	ptrace(PTRACE_GETEVENTMSG, pid, NULL, &message);
	ptrace(PTRACE_DETACH, pid, NULL, NULL);
	while (waitpid(pid, &status, 0) < 0 && errno == EINTR)
		;
	child_ended();
	status = (int)message;
	return WIFSIGNALED(status) ? 128 + WTERMSIG(status) : WEXITSTATUS(status);
}

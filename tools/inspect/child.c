/*
 * child.c: see child.h.
 */
#include "child.h"

#include <signal.h>

static volatile pid_t child;

static void pass_on(int number)
{
	kill(child, number);
}

static void on_signals(void (*interrupt)(int), void (*request)(int))
{
	struct sigaction action = { .sa_handler = interrupt, .sa_flags = SA_RESTART };

	sigaction(SIGINT, &action, NULL);
	sigaction(SIGQUIT, &action, NULL);
	action.sa_handler = request;
	sigaction(SIGTERM, &action, NULL);
	sigaction(SIGHUP, &action, NULL);
}

void child_begins(pid_t pid)
{
	child = pid;
	on_signals(SIG_IGN, pass_on);
}

void child_ended(void)
{
	on_signals(SIG_DFL, SIG_DFL);
}

/*
 * job.c: processes, a few at a time.
 *
 * A file has a process of its own: the machine is chosen before the library boots,
 * and a crash costs one file. What the library says on stderr goes to a file without
 * a name; its last line is shown when the process dies.
 */
#include "job.h"

#include <errno.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/wait.h>
#include <unistd.h>

#include "process.h"

struct running {
	pid_t pid;
	struct job *job;
	int said;               /* what it wrote on stderr */
};

static bool start(struct running *running, struct job *job)
{
	running->job = job;
	running->said = memfd_create("stderr", MFD_CLOEXEC);
	running->pid = fork();
	if (running->pid == 0) {
		if (running->said >= 0)
			dup2(running->said, STDERR_FILENO);
		process_main(job);
	}
	return running->pid > 0;
}

/* The last line that a process wrote, without its end. */
static void last_words(int file, char *words, size_t room)
{
	char buffer[1024];
	off_t end = file >= 0 ? lseek(file, 0, SEEK_END) : 0;
	off_t begin = end > (off_t)sizeof(buffer) - 1 ? end - (off_t)sizeof(buffer) + 1 : 0;
	ssize_t length = end > 0 ? pread(file, buffer, sizeof(buffer) - 1, begin) : 0;
	char *line;

	while (length > 0 && buffer[length - 1] == '\n')
		length--;
	buffer[length > 0 ? length : 0] = '\0';
	line = strrchr(buffer, '\n');
	snprintf(words, room, "%s", line != NULL ? line + 1 : buffer);
}

/* A process that died is a row that differs: the one it was working on. */
static void note_death(struct running *running, int status)
{
	struct result *result = running->job->result;
	char words[1024];

	last_words(running->said, words, sizeof(words));
	result->tally[running->job->kind].different++;
	snprintf(result->difference, sizeof(result->difference), "line %u: died of %s: %.600s",
		 result->line, WIFSIGNALED(status) ? strsignal(WTERMSIG(status)) : "an exit",
		 words);
}

static void finish(struct running *running, int status)
{
	if (!running->job->result->done)
		note_death(running, status);
	if (running->said >= 0)
		close(running->said);
	running->pid = 0;
}

static void wait_for_one(struct running *running, unsigned count)
{
	int status;
	pid_t pid;

	do
		pid = wait(&status);
	while (pid < 0 && errno == EINTR);
	for (unsigned i = 0; i < count; i++)
		if (pid > 0 && running[i].pid == pid)
			finish(&running[i], status);
}

static struct running *find_idle(struct running *running, unsigned count)
{
	for (unsigned i = 0; i < count; i++)
		if (running[i].pid == 0)
			return &running[i];
	return NULL;
}

void jobs_run(struct job *jobs, unsigned count, unsigned at_once)
{
	struct running *running = must_allocate(NULL, at_once * sizeof(*running));
	struct running *idle;

	memset(running, 0, at_once * sizeof(*running));
	fflush(NULL);
	for (unsigned i = 0; i < count; i++) {
		while ((idle = find_idle(running, at_once)) == NULL)
			wait_for_one(running, at_once);
		if (!start(idle, &jobs[i])) {
			result_problem(jobs[i].result, "no process: %s", strerror(errno));
			idle->pid = 0;
		}
	}
	for (unsigned i = 0; i < at_once; i++)
		while (running[i].pid != 0)
			wait_for_one(running, at_once);
	free(running);
}

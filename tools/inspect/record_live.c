/*
 * record_live.c: a trace of a program that runs and knows nothing of it.
 *
 * Its helper thread begins to record (src/cache/recorder.c) and names a file, which has no
 * other name than /proc/PID/fd/N. We hold it and lock it: should we be killed, the system
 * drops the lock, and the helper ends the recording. Should the program be killed, we still
 * have the file, and all but its last event in it.
 */
#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <poll.h>
#include <signal.h>
#include <stdio.h>
#include <string.h>
#include <sys/file.h>
#include <sys/signalfd.h>
#include <sys/syscall.h>
#include <unistd.h>

#include "../say.h"
#include "events.h"
#include "mail.h"

enum { PATH_BYTES = 64 };

/* The program's descriptor @number as ours, locked; -1 after a line on stderr. */
static int open_events(struct target *target, int number)
{
	char path[PATH_BYTES];
	int file;

	snprintf(path, sizeof(path), "/proc/%d/fd/%d", target->pid, number);
	file = open(path, O_RDONLY | O_CLOEXEC);
	if (file >= 0 && flock(file, LOCK_SH) == 0)
		return file;
	if (target_lost(target) == 0)
		say("process %s: %s: %s", target->name, path, strerror(errno));
	if (file >= 0)
		close(file);
	return -1;
}

/* From now on they are read, not delivered: none is lost between two looks. */
static int hold_interrupts(void)
{
	sigset_t set;

	sigemptyset(&set);
	sigaddset(&set, SIGINT);
	sigaddset(&set, SIGTERM);
	sigprocmask(SIG_BLOCK, &set, NULL);
	return signalfd(-1, &set, SFD_CLOEXEC);
}

/* Until the time is over, somebody interrupts us, or the program has ended: then true. */
static bool wait_for_end(const struct target *target, int interrupts, double seconds)
{
	struct pollfd ends[] = {
		{ .fd = interrupts, .events = POLLIN },
		{ .fd = (int)syscall(SYS_pidfd_open, target->pid, 0), .events = POLLIN },
	};

	poll(ends, 2, seconds > INT_MAX / 1000 ? -1 : (int)(seconds * 1000));
	if (ends[1].fd >= 0)
		close(ends[1].fd);
	return ends[1].revents != 0;
}

static int record_and_convert(struct target *target, int file, double seconds,
			      struct output *output)
{
	char path[PATH_BYTES];
	int interrupts = hold_interrupts();

	if (!wait_for_end(target, interrupts, seconds))
		mail_send(target, F_MAIL_RECORD_END, "");
	close(interrupts);
	snprintf(path, sizeof(path), "/proc/self/fd/%d", file);
	return events_to_trace(path, output);
}

int record_live(struct target *target, struct output *output, double seconds)
{
	int number, file, status = mail_ask(target, F_MAIL_RECORD, "", &number);

	if (status != 0)
		return status;
	file = open_events(target, number);
	if (file < 0)
		return EXIT_USAGE;
	status = record_and_convert(target, file, seconds, output);
	close(file);
	return status;
}

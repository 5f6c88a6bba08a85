/*
 * pressure.c: see pressure.h.
 */
#include "os/pressure.h"

#include <errno.h>
#include <stdio.h>
#include <string.h>
#include <time.h>

#include "os/clock.h"
#include "os/file.h"

/* 200 ms of stalling in 2 s: chosen, a tenth of the time lost. */
static const char trigger[] = "some 200000 2000000";

enum { NOT_YET, LISTENS, REFUSED };

const char *pressure_file;
int (*pressure_poll)(struct pollfd *file, nfds_t count, int ms) = poll;

static int state;
static int file = -1;
static struct file_identity identity;

/* "0::/a/b" of the membership: the group's own file, if the hierarchy can be seen. */
static bool own_group_file(char *path, size_t room)
{
	char text[512], *group, *end;

	if (!read_file("/proc/self/cgroup", text, sizeof(text)))
		return false;
	group = strncmp(text, "0::", 3) == 0 ? text : strstr(text, "\n0::");
	if (group == NULL)
		return false;
	group = strchr(group, '/');
	if (group == NULL)
		return false;
	end = strchr(group, '\n');
	if (end != NULL)
		*end = '\0';
	return (size_t)snprintf(path, room, "/sys/fs/cgroup%s/memory.pressure", group) < room;
}

static bool open_and_arm(const char *path)
{
	file = uncancelled_open(path, O_RDWR | O_NONBLOCK | O_CLOEXEC);
	if (file < 0)
		return false;
	if (uncancelled_write(file, trigger, sizeof(trigger)) == (ssize_t)sizeof(trigger) &&
	    file_identify(file, &identity))
		return true;
	uncancelled_close(file);
	file = -1;
	return false;
}

bool pressure_listen(void)
{
	char path[600];

	if (state == NOT_YET) {
		bool listens = pressure_file != NULL ? open_and_arm(pressure_file) :
			       (own_group_file(path, sizeof(path)) && open_and_arm(path)) ||
			       open_and_arm("/proc/pressure/memory");

		state = listens ? LISTENS : REFUSED;
	}
	return state == LISTENS;
}

static bool is_still_ours(void)
{
	return file_is(file, &identity);
}

static void sleep_until(uint64_t end_ms)
{
	for (uint64_t now = clock_ms(); now < end_ms; now = clock_ms()) {
		uint64_t ms = end_ms - now;
		struct timespec time = { .tv_sec = (time_t)(ms / 1000),
					 .tv_nsec = (long)(ms % 1000) * 1000000 };

		clock_nanosleep(CLOCK_MONOTONIC, 0, &time, NULL);
	}
}

bool pressure_sleep(unsigned ms)
{
	uint64_t end_ms = clock_ms() + ms;
	struct pollfd poll_file = { .fd = file, .events = POLLPRI };

	if (state == LISTENS && !is_still_ours())
		state = REFUSED;
	if (state == LISTENS && pressure_poll(&poll_file, 1, (int)ms) > 0) {
		if (!(poll_file.revents & (POLLERR | POLLNVAL)))
			return true;
		if (is_still_ours())
			uncancelled_close(file);    /* the group is gone */
		state = REFUSED;
	}
	sleep_until(end_ms);
	return false;
}

/* One who polls takes the event from the other: the child, if it listens, opens its own. */
void pressure_after_fork(void)
{
	if (state == LISTENS && is_still_ours())
		uncancelled_close(file);
	state = state == LISTENS ? NOT_YET : state;
}

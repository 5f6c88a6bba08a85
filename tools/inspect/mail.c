/*
 * mail.c: the outside of the mailbox (src/observe/mailbox.h).
 *
 * The helper looks once a round, so an answer takes up to a round. Only one tool may
 * ask at a time: a name in the abstract socket space, which ends with its owner, sees
 * to that.
 */
#include "mail.h"

#include <errno.h>
#include <stdio.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/un.h>
#include <time.h>
#include <unistd.h>

#include "../say.h"

enum {
	ROUNDS_WAITED = 3,             /* chosen: a round may be late by the one before */
	POLL_MS = 10, WAIT_MS_MIN = 1000, WAIT_MS_MAX = 60000,
};

static bool write_field(struct target *target, enum field field, const void *bytes, size_t size)
{
	return live_write(target, value_of(target, F_MAILBOX) + value_of(target, field), bytes,
			  size);
}

static uint32_t read_field(struct target *target, enum field field)
{
	return (uint32_t)target_number(target, value_of(target, F_MAILBOX), field);
}

/* The socket, or -1 when another tool is at it. */
static int lock_mailbox(const struct target *target)
{
	struct sockaddr_un name = { .sun_family = AF_UNIX };
	int length = snprintf(name.sun_path + 1, sizeof(name.sun_path) - 1, "ukmem-mail-%d",
			      target->pid);
	socklen_t bytes = (socklen_t)(offsetof(struct sockaddr_un, sun_path) + 1) +
			  (socklen_t)length;
	int fd = socket(AF_UNIX, SOCK_DGRAM | SOCK_CLOEXEC, 0);

	if (fd >= 0 && bind(fd, (const struct sockaddr *)&name, bytes) == 0)
		return fd;
	if (fd >= 0)
		close(fd);
	return -1;
}

static bool write_request(struct target *target, enum field kind, const char *text,
			  uint32_t request)
{
	uint32_t number = (uint32_t)value_of(target, kind);

	return strlen(text) + 1 <= target->field[F_MAILBOX_TEXT].size &&
	       write_field(target, F_MAILBOX_TEXT, text, strlen(text) + 1) &&
	       write_field(target, F_MAILBOX_KIND, &number, sizeof(number)) &&
	       write_field(target, F_MAILBOX_REQUEST, &request, sizeof(request));
}

static bool post(struct target *target, enum field kind, const char *text, uint32_t request)
{
	if (write_request(target, kind, text, request))
		return true;
	say("process %s: not permitted to ask it for anything: %s", target->name, strerror(errno));
	return false;
}

static unsigned wait_ms(struct target *target)
{
	uint64_t round = target_number(target, value_of(target, F_OPTIONS), F_OPTIONS_REAP_MS);
	uint64_t ms = round * ROUNDS_WAITED;

	return ms < WAIT_MS_MIN ? WAIT_MS_MIN : ms > WAIT_MS_MAX ? WAIT_MS_MAX : (unsigned)ms;
}

static bool wait_answer(struct target *target, uint32_t request)
{
	struct timespec pause = { .tv_nsec = POLL_MS * 1000000 };

	for (unsigned left = wait_ms(target) / POLL_MS; left != 0 && !target->gone; left--) {
		if (read_field(target, F_MAILBOX_DONE) == request)
			return true;
		nanosleep(&pause, NULL);
	}
	return false;
}

static bool helper_is_there(struct target *target)
{
	return target_variable(target, F_REAPER_HELPER) == value_of(target, F_HELPER_RUNS);
}

/* Take the request back: whoever starts the helper later must not find an old one. */
static int give_up(struct target *target, uint32_t request)
{
	uint32_t before = request - 1;

	if (target_lost(target))
		return EXIT_USAGE;
	write_field(target, F_MAILBOX_REQUEST, &before, sizeof(before));
	if (helper_is_there(target))
		say("process %s: its helper thread does not answer", target->name);
	else
		say("process %s: its helper thread does not run: a miss starts it, and there was "
		    "none in %u ms", target->name, wait_ms(target));
	return 1;
}

/* Of what can be asked for only a recording is refused for this reason. */
static const char *why_refused(int error)
{
	return error == EOPNOTSUPP ? "none of its caches can be recorded; those with checks (debug:) never are" :
				     strerror(error);
}

static int ask(struct target *target, enum field kind, const char *text, int *answer)
{
	uint32_t request = read_field(target, F_MAILBOX_DONE) + 1;
	int32_t result;

	if (!post(target, kind, text, request))
		return EXIT_USAGE;
	if (!wait_answer(target, request))
		return give_up(target, request);
	result = (int32_t)read_field(target, F_MAILBOX_RESULT);
	if (result >= 0) {
		*answer = result;
		return 0;
	}
	say("process %s: refused: %s", target->name, why_refused(-result));
	return 1;
}

static bool helper_may_run(struct target *target)
{
	if (helper_is_there(target) ||
	    target_number(target, value_of(target, F_OPTIONS), F_OPTIONS_REAPER) != 0)
		return true;
	say("process %s has no helper thread that could do it (reaper:off)", target->name);
	return false;
}

int mail_ask(struct target *target, enum field kind, const char *text, int *answer)
{
	int lock, status;

	if (target->pid == 0) {
		say("%s is a core; nothing can be changed in it", target->name);
		return EXIT_USAGE;
	}
	if (!target->field[kind].known) {
		say("process %s: its version of ukmem, %s, cannot do that", target->name,
		    target->library);
		return EXIT_USAGE;
	}
	if (target_lost(target) || !helper_may_run(target))
		return EXIT_USAGE;
	lock = lock_mailbox(target);
	if (lock < 0) {
		say("process %s: another tool is asking it for something", target->name);
		return EXIT_USAGE;
	}
	status = ask(target, kind, text, answer);
	close(lock);
	return status;
}

int mail_send(struct target *target, enum field kind, const char *text)
{
	int answer;

	return mail_ask(target, kind, text, &answer);
}

bool mail_post(struct target *target, struct mail *pending, enum field kind, const char *text)
{
	if (target->pid == 0 || !target->field[kind].known || !root_is_there(target) ||
	    !helper_is_there(target))
		return false;
	pending->lock = lock_mailbox(target);
	pending->request = read_field(target, F_MAILBOX_DONE) + 1;
	if (pending->lock >= 0 && write_request(target, kind, text, pending->request))
		return true;
	if (pending->lock >= 0)
		close(pending->lock);
	pending->lock = -1;
	return false;
}

bool mail_is_answered(struct target *target, struct mail *pending)
{
	if (pending->lock < 0)
		return true;
	if (read_field(target, F_MAILBOX_DONE) != pending->request)
		return false;
	close(pending->lock);
	pending->lock = -1;
	return true;
}

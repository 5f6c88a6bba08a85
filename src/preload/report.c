/*
 * report.c: the table of slabinfo, for "ukmem run --slabinfo".
 *
 * UKMEM_SLABINFO is "PID:FILE": the process of that number, and none of its children,
 * writes FILE ("-": stderr) when it exits and at each SIGUSR2. Not in setuid programs.
 */
#include <errno.h>
#include <fcntl.h>
#include <signal.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "base/check.h"
#include "base/uncancelled.h"
#include "malloc/heap.h"
#include "os/file.h"
#include "preload/preload.h"

static const char *file_name;           /* NULL: nothing is to be written */
static int kept = -1;                   /* of stderr a copy: many programs close theirs at exit */
static struct file_identity identity;   /* of @kept */
static bool is_stderr;
static pid_t writer;
static volatile sig_atomic_t pending;
static void (*other_hook)(void);

static int open_named(int flags)
{
	return uncancelled_open(file_name, O_WRONLY | O_CREAT | O_CLOEXEC | flags);
}

/* A server that has become another user, or changed its root, can't open the name any more. */
static int open_table(void)
{
	int file = is_stderr ? -1 : open_named(O_TRUNC);

	if (file >= 0 || !file_is(kept, &identity))
		return file;
	if (is_stderr)
		return kept;
	return ftruncate(kept, 0) == 0 && lseek(kept, 0, SEEK_SET) == 0 ? kept : -1;
}

/* A child of fork has the handler, and our end, too. */
static void write_table(void)
{
	int file;

	if (file_name == NULL || writer != getpid())
		return;
	file = open_table();
	if (file < 0 || !table_write(file))
		slab_log("the table of caches can't be written to %s: %s", file_name,
			 strerrordesc_np(errno));
	if (file >= 0 && file != kept)
		uncancelled_close(file);
}

/* Out of the way of programs that count on the lowest numbers. */
static void keep(void)
{
	int file = is_stderr ? STDERR_FILENO : open_named(0);

	kept = fcntl(file, F_DUPFD_CLOEXEC, 100);
	file_identify(kept, &identity);
	if (!is_stderr)
		uncancelled_close(file);
}

/* A handler that interrupted the allocator leaves it to the end of that very miss. */
static void on_signal(int number UNUSED)
{
	int kept_errno = errno;

	pending = 1;
	if (lock_depth == 0) {
		pending = 0;
		write_table();
	}
	errno = kept_errno;
}

static void after_miss(void)
{
	if (pending && lock_depth == 0) {
		pending = 0;
		write_table();
	}
	other_hook();
}

/* After boot, which sets the hook, and after the C library knows the environment. */
__attribute__((constructor)) static void report_init(void)
{
	struct sigaction action = { .sa_handler = on_signal, .sa_flags = SA_RESTART | SA_ONSTACK };
	const char *text = secure_getenv("UKMEM_SLABINFO");
	char *end;

	if (text == NULL)
		return;
	writer = (pid_t)strtol(text, &end, 10);
	if (*end != ':' || end[1] == '\0' || writer != getpid() || heap_boot() != 0)
		return;
	file_name = end + 1;
	is_stderr = file_name[0] == '-' && file_name[1] == '\0';
	keep();
	other_hook = cpu_miss_hook;
	cpu_miss_hook = after_miss;
	sigaction(SIGUSR2, &action, NULL);
}

__attribute__((destructor)) static void report_at_exit(void)
{
	write_table();
}

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
#include "preload/preload.h"

static const char *file_name;           /* NULL: nothing is to be written */
static bool is_stderr;
static int to_stderr = -1;              /* a copy: many programs close theirs at exit */
static pid_t writer;
static volatile sig_atomic_t pending;
static void (*other_hook)(void);

static void write_table(void)
{
	int file = is_stderr ? to_stderr :
		   uncancelled_open(file_name, O_WRONLY | O_CREAT | O_TRUNC | O_CLOEXEC);

	if (file < 0 || !table_write(file))
		slab_log("the table of caches can't be written to %s: %s", file_name,
			 strerrordesc_np(errno));
	if (file >= 0 && file != to_stderr)
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
	if (is_stderr)
		to_stderr = fcntl(STDERR_FILENO, F_DUPFD_CLOEXEC, 100);
	other_hook = cpu_miss_hook;
	cpu_miss_hook = after_miss;
	sigaction(SIGUSR2, &action, NULL);
}

__attribute__((destructor)) static void report_at_exit(void)
{
	if (file_name != NULL && writer == getpid())
		write_table();
}

/*
 * test.c: run what TEST registered, each in a child of its own.
 */
#include "harness/test.h"

#include <errno.h>
#include <fcntl.h>
#include <pthread.h>
#include <signal.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/mman.h>
#include <sys/wait.h>
#include <unistd.h>

/* Longer than any test needs on a loaded machine, shorter than patience; TEST_SECONDS is another. */
enum { SECONDS_MAX = 120, STATUS_FAILED = 101, STATUS_SKIPPED = 102, REPORT_MAX = 4096 };

static struct test *first_test, **last_link = &first_test;
static const struct test *running;

void test_register(struct test *test)
{
	*last_link = test;
	last_link = &test->next;
}

/* One write, so that two threads that fail at once do not mix. */
void test_fail(const char *file, int line, const char *format, ...)
{
	char what[1024], text[1400];
	va_list arguments;
	int length;

	va_start(arguments, format);
	vsnprintf(what, sizeof(what), format, arguments);
	va_end(arguments);
	length = snprintf(text, sizeof(text), "FAILED %s: %s:%d: %s\n", running->name, file, line,
			  what);
	if (write(STDOUT_FILENO, text, (size_t)length) < 0)
		_exit(STATUS_FAILED + 10);
	_exit(STATUS_FAILED);
}

void test_skip(const char *why)
{
	printf("skipped %s: %s\n", running->name, why);
	fflush(stdout);
	_exit(STATUS_SKIPPED);
}

static void set_options(const char *of_test)
{
	const char *given = getenv("UKMEM_OPTIONS");
	char words[1024];

	snprintf(words, sizeof(words), "%s %s", given != NULL ? given : "", of_test);
	setenv("UKMEM_OPTIONS", words, 1);
}

static unsigned seconds_max(void)
{
	const char *given = getenv("TEST_SECONDS");

	return given != NULL ? (unsigned)atoi(given) : SECONDS_MAX;
}

static void run_here(const struct test *test)
{
	running = test;
	alarm(seconds_max());
	set_options(test->options);
	test->body();
	fflush(stdout);
	_exit(0);
}

/* Returns whether it passed; the child has said why if not, unless it crashed. */
static bool run(const struct test *test)
{
	int status = 0;
	pid_t child;

	fflush(stdout);
	child = fork();
	if (child == 0)
		run_here(test);
	while (waitpid(child, &status, 0) < 0 && errno == EINTR)
		;
	if (WIFEXITED(status) && WEXITSTATUS(status) == STATUS_SKIPPED)
		return true;
	if (WIFEXITED(status) && WEXITSTATUS(status) == 0) {
		printf("ok %s\n", test->name);
		return true;
	}
	if (WIFSIGNALED(status))
		printf("FAILED %s: %s:%d: killed by signal %d (%s)\n", test->name, test->file,
		       test->line, WTERMSIG(status), strsignal(WTERMSIG(status)));
	else if (WEXITSTATUS(status) != STATUS_FAILED)
		printf("FAILED %s: %s:%d: exit status %d\n", test->name, test->file, test->line,
		       WEXITSTATUS(status));
	return false;
}

static bool is_chosen(const struct test *test, char **names)
{
	if (*names == NULL)
		return true;
	for (; *names != NULL; names++)
		if (strstr(test->name, *names) != NULL)
			return true;
	return false;
}

int main(int argc, char **argv)
{
	unsigned passed = 0, failed = 0;

	(void)argc;
	for (const struct test *test = first_test; test != NULL; test = test->next) {
		if (!is_chosen(test, argv + 1))
			continue;
		if (run(test))
			passed++;
		else
			failed++;
	}
	printf("%u passed, %u failed\n", passed, failed);
	return failed != 0 || passed == 0;
}

/* ---- What was written to stderr ---------------------------------------------------- */

static int kept_stderr = -1, log_file = -1;
static char log_text[REPORT_MAX];

void log_begin(void)
{
	kept_stderr = dup(STDERR_FILENO);
	log_file = memfd_create("log", 0);
	dup2(log_file, STDERR_FILENO);
}

const char *log_end(void)
{
	ssize_t length;

	dup2(kept_stderr, STDERR_FILENO);
	close(kept_stderr);
	length = pread(log_file, log_text, sizeof(log_text) - 1, 0);
	close(log_file);
	log_text[length > 0 ? length : 0] = '\0';
	return log_text;
}

const char *report_of(void (*body)(void), int *signal_number)
{
	int status = 0;
	pid_t child;

	log_begin();
	child = fork();
	if (child == 0) {
		body();
		_exit(0);
	}
	while (waitpid(child, &status, 0) < 0 && errno == EINTR)
		;
	*signal_number = WIFSIGNALED(status) ? WTERMSIG(status) : 0;
	return log_end();
}

/* ---- Threads ------------------------------------------------------------------------ */

struct numbered {
	void (*body)(unsigned number);
	unsigned number;
	pthread_barrier_t *start;
};

static void *numbered_body(void *argument)
{
	struct numbered *numbered = argument;

	pthread_barrier_wait(numbered->start);
	numbered->body(numbered->number);
	return NULL;
}

void in_threads(unsigned count, void (*body)(unsigned number))
{
	pthread_t threads[count];
	struct numbered numbered[count];
	pthread_barrier_t start;

	pthread_barrier_init(&start, NULL, count);
	for (unsigned i = 0; i < count; i++) {
		numbered[i] = (struct numbered){ .body = body, .number = i, .start = &start };
		EXPECT_EQ(pthread_create(&threads[i], NULL, numbered_body, &numbered[i]), 0);
	}
	for (unsigned i = 0; i < count; i++)
		pthread_join(threads[i], NULL);
	pthread_barrier_destroy(&start);
}

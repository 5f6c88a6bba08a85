/*
 * record_trace.c: "ukmem record --trace": start a program that records its events, or
 * look at one that does or could, and make a trace of them.
 */
#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <unistd.h>

#include "../say.h"
#include "child.h"
#include "events.h"
#include "target.h"

enum { TEXT_BYTES = 4096 };

/* ---- A program that runs, with trace:FILE --------------------------------------------- */

/* The file as the program names it; it may stand relative to where the program is. */
static bool records_already(struct target *target, char *path, size_t bytes)
{
	char name[128] = "";
	size_t size = target->field[F_OPTIONS_TRACE].size;

	if (!target->field[F_OPTIONS_TRACE].known || size == 0 || size > sizeof(name) ||
	    !target_read(target, value_of(target, F_OPTIONS) + value_of(target, F_OPTIONS_TRACE),
			 name, size) || name[0] == '\0')
		return false;
	name[size - 1] = '\0';
	snprintf(path, bytes, name[0] == '/' ? "/proc/%d/root%s" : "/proc/%d/cwd/%s", target->pid,
		 name);
	return true;
}

static int trace_process(const char *spec, struct output *output, double seconds)
{
	char path[TEXT_BYTES];
	struct target target;
	int status;

	if (!target_open(&target, spec))
		return EXIT_USAGE;
	if (records_already(&target, path, sizeof(path)))
		status = events_to_trace(path, output);
	else
		status = record_live(&target, output, seconds);
	target_close(&target);
	return status;
}

/* ---- A program that is started ------------------------------------------------------- */

static void become(char **words, const char *file)
{
	const char *before = getenv("UKMEM_OPTIONS");
	char text[TEXT_BYTES];

	snprintf(text, sizeof(text), "%.2048s trace:%s trace_first:on", before != NULL ? before : "", file);
	setenv("UKMEM_OPTIONS", text, 1);
	execvp(words[0], words);
	say("%s: %s", words[0], strerror(errno));
	_exit(127);
}

/* Its status as a shell tells it. */
static int run_program(char **words, const char *file)
{
	int status = 0;
	pid_t child = fork();

	if (child == 0)
		become(words, file);
	if (child < 0)
		return 126;
	child_begins(child);
	if (waitpid(child, &status, 0) != child)
		status = 126 << 8;
	child_ended();
	return WIFEXITED(status) ? WEXITSTATUS(status) : 128 + WTERMSIG(status);
}

static int trace_program(char **words, struct output *output)
{
	char folder[] = "/var/tmp/ukmem-XXXXXX", file[sizeof(folder) + 8];
	struct stat there;
	int ended, status = EXIT_USAGE;

	if (mkdtemp(folder) == NULL) {
		say("%s: %s", folder, strerror(errno));
		return 1;
	}
	snprintf(file, sizeof(file), "%s/events", folder);
	ended = run_program(words, file);
	if (stat(file, &there) == 0)
		status = events_to_trace(file, output);
	else if (ended != 127)
		say("%s recorded nothing: it does not use ukmem, or not any more, or all its caches have checks (debug:)",
		    words[0]);
	if (ended != 0 && status == 0)
		say("%s ended with status %d; its trace goes that far", words[0], ended);
	unlink(file);
	rmdir(folder);
	return status;
}

int record_trace(char **words, const char *path, double seconds)
{
	bool is_pid = target_is_pid(words[0]) && words[1] == NULL;
	struct output output;
	int status;

	if (!output_open(&output, path))
		return EXIT_FAILURE;
	status = is_pid ? trace_process(words[0], &output, seconds) : trace_program(words, &output);
	if (status == 0)
		return output_close(&output, true);
	output_drop(&output);
	return status;
}

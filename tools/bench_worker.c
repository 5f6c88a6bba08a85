/*
 * bench_worker.c: run bench-BINDING and read what it prints.
 */
#include <errno.h>
#include <fcntl.h>
#include <math.h>
#include <stdlib.h>
#include <string.h>
#include <sys/wait.h>
#include <unistd.h>

#include "bench.h"
#include "places.h"

enum { WORKER_SECONDS_MAX = 120 };      /* one that hangs is killed */

bool worker_path(const char *binding, char *path, size_t size)
{
	char name[80];

	snprintf(name, sizeof(name), "bench-%s", binding);
	return place_of("ukmem/", name, X_OK, path, size);
}

/* In the child. A single-stepped sequence never ends: instructions are counted without. */
static void set_options(const struct bench *bench, const struct row *row, const struct peer *peer)
{
	const char *text = bench->options.library_options;
	char options[512];

	if (!peer->is_ours)
		return;
	if (text == NULL)
		text = getenv("UKMEM_OPTIONS");
	snprintf(options, sizeof(options), "%s%s", text != NULL ? text : "",
		 row_has(row, 'x') ? " backend:locked" : "");
	setenv("UKMEM_OPTIONS", options, 1);
}

/* Standard output of the child is a pipe to us. Returns 0 in the child. */
static pid_t fork_with_pipe(int *output)
{
	int ends[2];
	pid_t child;

	if (pipe2(ends, O_CLOEXEC) != 0)
		return -1;
	child = fork();
	if (child == 0) {
		dup2(ends[1], STDOUT_FILENO);
		alarm(WORKER_SECONDS_MAX);
		return 0;
	}
	close(ends[1]);
	*output = ends[0];
	if (child < 0)
		close(ends[0]);
	return child;
}

/* Its whole output, cut to @size; the exit status, or -1. */
static int read_to_end(struct worker *worker, char *text, size_t size)
{
	size_t length = 0;
	ssize_t got;
	int status;

	while ((got = read(worker->output, text + length, size - 1 - length)) > 0)
		length += (size_t)got;
	text[length] = '\0';
	close(worker->output);
	if (waitpid(worker->child, &status, 0) != worker->child || !WIFEXITED(status))
		return -1;
	return WEXITSTATUS(status);
}

int worker_capture(const char *path, char *const *arguments, char *text, size_t size)
{
	struct worker worker = { 0 };

	worker.child = fork_with_pipe(&worker.output);
	if (worker.child == 0) {
		execv(path, arguments);
		_exit(127);
	}
	return worker.child < 0 ? -1 : read_to_end(&worker, text, size);
}

static bool find_program(const struct row *row, const struct peer *peer, char *path, size_t size)
{
	char binding[64];

	if (row->trace != NULL)
		return (strcmp(peer->binding, "ukmem") == 0 || strcmp(peer->binding, "malloc") == 0) &&
		       worker_path("replay", path, size);
	if (row_has(row, 'x') && strcmp(peer->binding, "inline") == 0)
		return false;           /* its hits can't be told from the worker's own text */
	snprintf(binding, sizeof(binding), "%s%s", peer->binding, row->size == 0 ? "-mixed" : "");
	return worker_path(binding, path, size);
}

struct worker worker_start(const struct bench *bench, const struct row *row,
			   const struct peer *peer)
{
	char path[600], bytes[16], seconds[16];
	char *workload[] = { path, (char *)row->workload, bytes, seconds, NULL };
	char *replay[] = { path, (char *)peer->binding, (char *)row->trace, seconds, NULL };
	struct worker worker = { 0 };

	if (!find_program(row, peer, path, sizeof(path)))
		return worker;
	snprintf(bytes, sizeof(bytes), "%u", row->size);
	snprintf(seconds, sizeof(seconds), "%g", row->seconds);
	worker.child = fork_with_pipe(&worker.output);
	if (worker.child == 0) {
		set_options(bench, row, peer);
		if (peer->library[0] != '\0')
			setenv("LD_PRELOAD", peer->library, 1);
		execv(path, row->trace != NULL ? replay : workload);
		_exit(127);
	}
	return worker;
}

static void parse(const char *text, struct sample *sample)
{
	char key[64];

	for (int i = 0; i < FIGURES; i++) {
		const char *at;

		snprintf(key, sizeof(key), "\"%s\":", figure_key[i]);
		at = strstr(text, key);
		if (at != NULL)
			sample->value[i] = strtod(at + strlen(key), NULL);
	}
}

void worker_finish(struct worker *worker, struct sample *sample)
{
	char text[4096];

	for (int i = 0; i < FIGURES; i++)
		sample->value[i] = NAN;
	sample->there = worker->child > 0 && read_to_end(worker, text, sizeof(text)) == 0;
	if (sample->there)
		parse(text, sample);
}

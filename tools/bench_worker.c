/*
 * bench_worker.c: run build/bench-BINDING and read what it prints.
 *
 * The workers stand beside this program's own file.
 */
#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/wait.h>
#include <unistd.h>

#include "bench.h"
#include "say.h"

static bool worker_path(const char *binding, char *path, size_t size)
{
	char self[512];
	ssize_t length = readlink("/proc/self/exe", self, sizeof(self) - 1);
	char *slash;

	if (length < 0)
		return false;
	self[length] = '\0';
	slash = strrchr(self, '/');
	*slash = '\0';
	snprintf(path, size, "%s/bench-%s", self, binding);
	return access(path, X_OK) == 0;
}

/* In the child: standard output is the pipe. */
static void become(const char *path, char *const *arguments, const char *library, int output)
{
	dup2(output, STDOUT_FILENO);
	if (library[0] != '\0')
		setenv("LD_PRELOAD", library, 1);
	execv(path, arguments);
	_exit(127);
}

/* Its whole output, cut to @size; the exit status, or -1. */
static int capture(const char *path, char *const *arguments, const char *library,
		   char *text, size_t size)
{
	int ends[2], status;
	size_t length = 0;
	ssize_t got;
	pid_t child;

	if (pipe2(ends, O_CLOEXEC) != 0)
		return -1;
	child = fork();
	if (child == 0)
		become(path, arguments, library, ends[1]);
	close(ends[1]);
	while (child > 0 && (got = read(ends[0], text + length, size - 1 - length)) > 0)
		length += (size_t)got;
	text[length] = '\0';
	close(ends[0]);
	if (child < 0 || waitpid(child, &status, 0) != child || !WIFEXITED(status))
		return -1;
	return WEXITSTATUS(status);
}

bool bench_sample(const struct bench *bench, const struct row *row, const struct peer *peer,
		  struct sample *sample)
{
	char path[600], text[512], size[16], seconds[16];
	char *arguments[] = { path, (char *)row->workload, size, seconds, NULL };

	*sample = (struct sample){ 0 };
	if (!worker_path(peer->binding, path, sizeof(path)))
		return false;
	snprintf(size, sizeof(size), "%u", row->size);
	snprintf(seconds, sizeof(seconds), "%g", bench->options.seconds);
	if (capture(path, arguments, peer->library, text, sizeof(text)) != 0)
		return false;
	sample->there = sscanf(text, "{\"ns\":%lf,\"alloc_ns\":%lf,\"free_ns\":%lf,"
		"\"peak_bytes\":%lf,\"idle_bytes\":%lf,\"live_bytes\":%lf,\"live_objects\":%lf",
		&sample->ns, &sample->alloc_ns, &sample->free_ns, &sample->peak_bytes,
		&sample->idle_bytes, &sample->live_bytes, &sample->live_objects) == 7;
	return sample->there;
}

static bool is_wanted(const char *only, const char *name)
{
	size_t length = strlen(name);
	const char *at = only;

	if (only == NULL)
		return true;
	while ((at = strstr(at, name)) != NULL) {
		if ((at == only || at[-1] == ',') && (at[length] == ',' || at[length] == '\0'))
			return true;
		at += length;
	}
	return false;
}

static void add_rows(struct bench *bench, const char *name, bool sizes, bool threads)
{
	static const unsigned all[] = { 16, 64, 256, 1024, 4096 };

	for (unsigned i = 0; i < sizeof(all) / sizeof(*all); i++) {
		struct row *row = &bench->rows[bench->rows_count];

		if (all[i] != 64 && (!sizes || bench->options.quick))
			continue;
		snprintf(row->workload, sizeof(row->workload), "%s", name);
		row->size = all[i];
		row->threads = threads;
		bench->rows_count++;
	}
}

bool bench_list_rows(struct bench *bench)
{
	char path[600], text[4096], *line, *rest = text;
	char *arguments[] = { path, "--list", NULL };

	if (!worker_path("ukmem", path, sizeof(path)) ||
	    capture(path, arguments, "", text, sizeof(text)) != 0) {
		say("there is no bench-ukmem beside this program; make workers builds it");
		return false;
	}
	while ((line = strsep(&rest, "\n")) != NULL && *line != '\0') {
		char name[32], what[128];
		int sizes, threads;

		if (sscanf(line, "%31[^\t]\t%d\t%d\t%127[^\n]", name, &sizes, &threads, what) != 4)
			continue;
		if (bench->options.list)
			printf("%-12s %s\n", name, what);
		else if (is_wanted(bench->options.only, name))
			add_rows(bench, name, sizes != 0, threads != 0);
	}
	return true;
}

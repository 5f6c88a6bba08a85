/*
 * measure.c: run a program and say how long it took and what it and its children had
 * resident at most: "SECONDS KIB".
 *
 *   measure LIBRARY PROGRAM ARGS...     LIBRARY is preloaded; "" for none
 *
 * What it prints is quiet. Its own exit status is the program's.
 */
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/resource.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>

static double now_seconds(void)
{
	struct timespec time;

	clock_gettime(CLOCK_MONOTONIC, &time);
	return (double)time.tv_sec + (double)time.tv_nsec / 1e9;
}

/* In the child. */
static void become(const char *library, char **command)
{
	int nowhere = open("/dev/null", O_RDWR);

	for (int fd = 0; fd < 3; fd++)
		dup2(nowhere, fd);
	if (library[0] != '\0')
		setenv("LD_PRELOAD", library, 1);
	execvp(command[0], command);
	_exit(127);
}

int main(int argc, char **argv)
{
	struct rusage used;
	double start = now_seconds();
	int status;
	pid_t child;

	if (argc < 3) {
		fprintf(stderr, "usage: measure LIBRARY PROGRAM ARGS...\n");
		return 2;
	}
	child = fork();
	if (child == 0)
		become(argv[1], argv + 2);
	if (child < 0 || wait4(child, &status, 0, &used) != child) {
		perror("measure");
		return 1;
	}
	printf("%.4f %ld\n", now_seconds() - start, used.ru_maxrss);
	return WIFEXITED(status) ? WEXITSTATUS(status) : 128 + WTERMSIG(status);
}

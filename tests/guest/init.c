/*
 * init.c: the first and only program of a guest. Runs the lines of /jobs, one after
 * another, and switches the machine off.
 *
 * A line is "NAME SECONDS [VARIABLE=value ...] PROGRAM [ARGUMENT ...]", cut at tabs. What a job prints goes to
 * the console, and behind it a line "end NAME STATUS SECONDS". The last line of all is
 * "the guest is done".
 */
#include <errno.h>
#include <fcntl.h>
#include <signal.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mount.h>
#include <sys/reboot.h>
#include <sys/resource.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>

enum { WORDS_MAX = 16, LINE_MAX_ = 1000 };

static void mount_all(void)
{
	static const char *const what[][2] = {
		{ "proc", "/proc" }, { "sysfs", "/sys" }, { "tmpfs", "/dev/shm" },
		{ "tmpfs", "/tmp" }, { "cgroup2", "/sys/fs/cgroup" },
	};

	for (size_t i = 0; i < sizeof(what) / sizeof(what[0]); i++) {
		mkdir(what[i][1], 0755);
		if (mount(what[i][0], what[i][1], what[i][0], 0, NULL) != 0)
			printf("init: no %s: %s\n", what[i][1], strerror(errno));
	}
}

/* The kernel gave us a console only if there was a node for it already. */
static void take_console(void)
{
	int console = open("/dev/console", O_RDWR);

	for (int fd = 0; fd < 3 && console >= 0; fd++)
		dup2(console, fd);
	if (console > 2)
		close(console);
	setvbuf(stdout, NULL, _IOLBF, 0);
}

static unsigned cut(char *line, char **words)
{
	unsigned count = 0;
	char *rest = line;

	line[strcspn(line, "\n")] = '\0';
	for (char *word; count < WORDS_MAX && (word = strsep(&rest, "\t")) != NULL;)
		words[count++] = word;
	words[count] = NULL;
	return count;
}

static void become(char **words)
{
	struct rlimit none = { 0, 0 };

	setsid();
	setrlimit(RLIMIT_CORE, &none);
	for (; *words != NULL && strchr(*words, '=') != NULL; words++)
		putenv(*words);
	execv(words[0], words);
	printf("%s: %s\n", words[0], strerror(errno));
	_exit(127);
}

static time_t seconds(void)
{
	struct timespec now;

	clock_gettime(CLOCK_MONOTONIC, &now);
	return now.tv_sec;
}

/* The status of @child; orphans of others are buried meanwhile. */
static int wait_for(pid_t child, time_t limit_s)
{
	time_t began = seconds();
	int status = 0;

	for (;;) {
		pid_t ended = waitpid(-1, &status, WNOHANG);

		if (ended == child)
			return WIFEXITED(status) ? WEXITSTATUS(status) : 128 + WTERMSIG(status);
		if (ended <= 0)
			usleep(20000);
		if (seconds() - began > limit_s) {
			kill(-child, SIGKILL);
			kill(child, SIGKILL);
		}
	}
}

static void run(char *line)
{
	char *words[WORDS_MAX + 1];
	time_t began = seconds();
	int status;
	pid_t child;

	if (cut(line, words) < 3)
		return;
	child = fork();
	if (child == 0)
		become(words + 2);
	status = wait_for(child, atol(words[1]));
	printf("end %s %d %ld\n", words[0], status, (long)(seconds() - began));
}

int main(void)
{
	char line[LINE_MAX_];
	FILE *jobs;

	mkdir("/dev", 0755);
	mount("devtmpfs", "/dev", "devtmpfs", 0, NULL);
	take_console();
	mount_all();
	setenv("PATH", "/bin", 1);
	setenv("TEST_SECONDS", "300", 1);       /* emulated, on a machine that may be busy */
	printf("\n");                           /* what the firmware wrote ends there */
	jobs = fopen("/jobs", "re");
	while (jobs != NULL && fgets(line, sizeof(line), jobs) != NULL)
		run(line);
	printf("the guest is done\n");
	fflush(stdout);
	usleep(200000);
	reboot(RB_POWER_OFF);
	return 0;
}

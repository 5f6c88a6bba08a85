#include "os/pressure.h"

#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/wait.h>
#include <unistd.h>

#include "harness/look.h"
#include "harness/test.h"
#include "os/clock.h"
#include "os/file.h"

static char path[] = "/tmp/ukmem-pressure-XXXXXX";
static short answer;
static int polls;

static int fake_poll(struct pollfd *file, nfds_t count, int ms)
{
	(void)count;
	(void)ms;
	polls++;
	EXPECT_EQ(file->events, POLLPRI);
	file->revents = answer;
	return answer != 0;
}

static void make_file(void)
{
	close(mkstemp(path));
	pressure_file = path;
	pressure_poll = fake_poll;
}

TEST(listening_says_how_much_is_worth_a_call)
{
	char text[64];

	make_file();
	EXPECT(pressure_listen());
	EXPECT(read_file(path, text, sizeof(text)));
	EXPECT_STR(text, "some 200000 2000000");
	unlink(path);
}

TEST(a_call_ends_the_sleep)
{
	uint64_t begin;

	make_file();
	EXPECT(pressure_listen());
	answer = POLLPRI;
	begin = clock_ms();
	EXPECT(pressure_sleep(5000));
	EXPECT(clock_ms() - begin < 1000);
	answer = 0;
	begin = clock_ms();
	EXPECT(!pressure_sleep(50));
	EXPECT(clock_ms() - begin >= 40);
	unlink(path);
}

TEST(a_group_that_is_gone_is_polled_no_more)
{
	make_file();
	EXPECT(pressure_listen());
	answer = POLLPRI | POLLERR;
	EXPECT(!pressure_sleep(1));
	EXPECT(!pressure_sleep(1));
	EXPECT_EQ(polls, 1);
	EXPECT(!pressure_listen());
	unlink(path);
}

TEST(a_descriptor_that_became_somebody_elses_is_not_polled)
{
	make_file();
	EXPECT(pressure_listen());
	answer = POLLPRI;
	for (int file = 3; file < 64; file++)
		close(file);
	for (int i = 0; i < 8; i++)
		EXPECT(open("/dev/null", O_RDONLY) >= 0);
	EXPECT(!pressure_sleep(1));
	EXPECT_EQ(polls, 0);
	unlink(path);
}

/* The program closed all and opened its own while we polled. */
static int poll_and_replace(struct pollfd *file, nfds_t count, int ms)
{
	int theirs = open("/dev/null", O_RDONLY);

	(void)count;
	(void)ms;
	EXPECT_EQ(dup2(theirs, file->fd), file->fd);
	close(theirs);
	polls = file->fd;
	file->revents = POLLERR;
	return 1;
}

TEST(a_descriptor_that_became_somebody_elses_meanwhile_stays_open)
{
	make_file();
	pressure_poll = poll_and_replace;
	EXPECT(pressure_listen());
	EXPECT(!pressure_sleep(1));
	EXPECT_EQ(fcntl(polls, F_GETFD), 0);
	EXPECT(!pressure_listen());
	unlink(path);
}

TEST(without_such_a_file_one_only_sleeps)
{
	pressure_file = "/nowhere/memory.pressure";
	EXPECT(!pressure_listen());
	EXPECT(!pressure_sleep(1));
}

/* The real one, where there is one. */
TEST(the_machine_s_own_file_can_be_listened_to)
{
	if (access("/proc/pressure/memory", W_OK) != 0)
		test_skip("no /proc/pressure/memory that may be written");
	if (!pressure_listen())
		test_skip("the kernel refuses the trigger");
	EXPECT(!pressure_sleep(20));
}

TEST(a_child_takes_no_calls_from_its_parent)
{
	int number = open("/dev/null", O_RDONLY);

	close(number);
	make_file();
	EXPECT(pressure_listen());
	pressure_after_fork();
	EXPECT_EQ(open("/dev/null", O_RDONLY), number);         /* the parent's is closed */
	EXPECT(pressure_listen());
	answer = POLLPRI;
	EXPECT(pressure_sleep(1000));
	unlink(path);
}

/* By itself, when the library has been booted. */
TEST_ON("reaper:off", a_fork_closes_what_the_child_would_poll)
{
	int number = open("/dev/null", O_RDONLY), status;

	close(number);
	cache_of("box", 64);
	make_file();
	EXPECT(pressure_listen());
	EXPECT_EQ(fcntl(number, F_GETFD), FD_CLOEXEC);
	if (fork() == 0)
		_exit(fcntl(number, F_GETFD) == -1 ? 0 : 1);
	EXPECT(wait(&status) > 0);
	EXPECT_EQ(status, 0);
	unlink(path);
}

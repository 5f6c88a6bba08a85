#include "os/event_file.h"

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/file.h>

#include "harness/test.h"

static struct event_file events;

/* The program closes all descriptors, and opens a file of its own, which takes the number. */
static int take_its_number(void)
{
	char path[] = "/tmp/ukmem-own-XXXXXX";
	int own;

	EXPECT_EQ(event_file_unnamed(&events), 0);
	EXPECT_EQ(event_file_extend(&events, 0, 1 << 20), 0);
	close(events.file);
	own = mkstemp(path);
	unlink(path);
	EXPECT_EQ(own, events.file);
	return own;
}

TEST(a_file_of_the_programs_that_took_the_number_is_not_extended)
{
	int own = take_its_number();

	EXPECT_EQ(event_file_extend(&events, 1 << 20, 1 << 20), -EBADF);
	EXPECT_EQ(lseek(own, 0, SEEK_END), 0);
	events.memory[(1 << 20) - 1] = 1;               /* what was there is there */
}

TEST(nor_is_its_lock_taken_or_dropped)
{
	int own = take_its_number(), other;
	char path[64];

	EXPECT_EQ(flock(own, LOCK_EX), 0);
	EXPECT(!event_file_is_locked(&events));
	snprintf(path, sizeof(path), "/proc/self/fd/%d", own);
	other = open(path, O_RDWR);
	EXPECT(flock(other, LOCK_EX | LOCK_NB) != 0);
}

TEST(nor_is_it_closed)
{
	int own = take_its_number();

	event_file_close(&events);
	EXPECT(fcntl(own, F_GETFD) >= 0);
}

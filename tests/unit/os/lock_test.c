#include "os/lock.h"

#include <errno.h>
#include <unistd.h>

#include "harness/test.h"

static struct lock lock = LOCK_INIT(LOCK_RANK_NODE);
static unsigned long shared_count;

static void count_under_lock(unsigned number)
{
	(void)number;
	for (int i = 0; i < 100000; i++) {
		lock_take(&lock);
		shared_count++;
		lock_drop(&lock);
	}
}

TEST(one_thread_at_a_time_is_inside)
{
	in_threads(4, count_under_lock);
	EXPECT_EQ(shared_count, 400000);
	EXPECT_EQ(lock.state, 0);
}

static void holder_or_waiter(unsigned number)
{
	if (number == 0) {
		lock_take(&lock);
		shared_count = 1;
		usleep(50000);
		shared_count = 2;
		lock_drop(&lock);
		return;
	}
	while (*(volatile unsigned long *)&shared_count == 0)
		usleep(100);
	errno = 17;
	lock_take(&lock);
	EXPECT_EQ(shared_count, 2);
	EXPECT_EQ(errno, 17);
	lock_drop(&lock);
}

TEST(who_comes_too_late_sleeps_until_the_lock_is_free_and_keeps_errno)
{
	in_threads(3, holder_or_waiter);
}

TEST(a_try_never_waits)
{
	EXPECT(lock_take_if(&lock, false));
	EXPECT(!lock_try(&lock));
	EXPECT(!lock_take_if(&lock, false));
	lock_drop(&lock);
	EXPECT(lock_take_if(&lock, true));
	lock_reset(&lock);
	EXPECT(lock_try(&lock));
	lock_drop(&lock);
}

/* As many as fork takes: two for each cache, and more. */
TEST(a_holder_of_any_number_of_locks_is_known_as_one)
{
	static struct lock locks[600];

	for (uint32_t i = 0; i < ARRAY_LENGTH(locks); i++) {
		lock_init(&locks[i], LOCK_RANK_NODE);
		EXPECT_EQ(lock_depth, i);
		lock_take(&locks[i]);
	}
	for (uint32_t i = ARRAY_LENGTH(locks); i-- > 0;) {
		lock_drop(&locks[i]);
		EXPECT_EQ(lock_depth, i);
	}
}

/*
 * A thread that is to be cancelled is so after the call into the library, never inside, where
 * it may hold locks: POSIX has no allocation among the cancellation points.
 */
#include <ukmem/slab.h>

#include <pthread.h>
#include <unistd.h>

#include "harness/fake_os.h"
#include "harness/look.h"
#include "harness/test.h"

static bool came_through;

static void *cancel_and_call(void *call)
{
	pthread_cancel(pthread_self());
	((void (*)(void))call)();
	came_through = true;
	pthread_testcancel();
	return NULL;
}

static void expect_to_come_through(void (*call)(void))
{
	pthread_t thread;
	void *result;

	EXPECT_EQ(pthread_create(&thread, NULL, cancel_and_call, (void *)call), 0);
	EXPECT_EQ(pthread_join(thread, &result), 0);
	EXPECT(came_through);
	EXPECT_EQ(result, PTHREAD_CANCELED);
	check_everything();
}

static void allocate(void)
{
	kfree(kmalloc(100, GFP_KERNEL));
}

/* It reads files. */
TEST(it_boots)
{
	expect_to_come_through(allocate);
}

/* A line on stderr. */
TEST_ON("no_such_option", it_complains)
{
	expect_to_come_through(allocate);
}

static void free_twice(void)
{
	char *object = kmalloc(100, GFP_KERNEL);

	kfree(object);
	kfree(object);
}

TEST_ON("debug:FZ debug_abort:no", it_reports_a_mistake)
{
	expect_to_come_through(free_twice);
}

static void *refuse_nothing_soon(void *unused)
{
	usleep(30000);
	fake_os_refuse(0);
	return unused;
}

static void allocate_when_there_is_some(void)
{
	kfree(kmalloc(3 << 20, GFP_KERNEL | __GFP_NOFAIL));
}

/* Asleep between attempts. */
TEST(it_waits_for_memory)
{
	pthread_t thread;

	fake_os_install();
	allocate();
	fake_os_refuse_memory();
	pthread_create(&thread, NULL, refuse_nothing_soon, NULL);
	expect_to_come_through(allocate_when_there_is_some);
	pthread_join(thread, NULL);
}

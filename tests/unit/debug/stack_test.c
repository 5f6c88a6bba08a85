/*
 * debug/stack.c and depot.c: stacks are walked rightly, from memory too, and kept once.
 */
#include "debug/stack.h"

#include <alloca.h>
#include <execinfo.h>
#include <pthread.h>
#include <signal.h>

#include "debug/depot.h"
#include "harness/test.h"

enum { DEEP = 12 };

static uintptr_t frames[STACK_FRAMES_MAX];
static void *truth[64];
static unsigned count;
static int true_count;

/*
 * The same stack by the C library's means; the two innermost return addresses differ.
 */
static __attribute__((noinline)) void compare(void)
{
	count = stack_capture(NULL, frames, STACK_FRAMES_MAX);
	true_count = backtrace(truth, 64);
	EXPECT(count >= 3);
	for (unsigned i = 1; i < count; i++)
		EXPECT_EQ(frames[i], truth[i]);
	__asm__ volatile("");
}

static __attribute__((noinline)) void descend(unsigned depth)
{
	if (depth == 0)
		compare();
	else
		descend(depth - 1);
	__asm__ volatile("" : : "r"(depth));
}

TEST(a_walk_by_memory_gives_what_the_unwind_tables_give)
{
	for (int round = 0; round < 3; round++)
		for (unsigned depth = 0; depth < DEEP; depth++)
			descend(depth);
}

static __attribute__((noinline)) void with_a_growing_frame(unsigned bytes)
{
	volatile char *room = alloca(bytes);

	room[0] = 1;
	compare();
	room[bytes - 1] = 1;
}

TEST(frames_that_grow_are_never_stepped_over_by_memory)
{
	for (unsigned round = 1; round < 50; round++)
		with_a_growing_frame(round * 100 % 1700 + 16);
}

static void in_handler(int number)
{
	(void)number;
	descend(3);
}

TEST(a_signals_frame_is_walked_through)
{
	signal(SIGUSR1, in_handler);
	for (int i = 0; i < 3; i++)
		raise(SIGUSR1);
}

static void *in_thread(void *unused)
{
	descend(5);
	descend(5);
	return unused;
}

TEST(a_threads_stack_ends_where_it_ends)
{
	for (int i = 0; i < 3; i++) {
		pthread_t thread;

		EXPECT_EQ(pthread_create(&thread, NULL, in_thread, NULL), 0);
		pthread_join(thread, NULL);
	}
}

TEST(frames_before_the_caller_are_left_out)
{
	unsigned all = stack_capture(NULL, frames, STACK_FRAMES_MAX);
	uintptr_t wanted = frames[1];
	unsigned rest = stack_capture((void *)wanted, frames, STACK_FRAMES_MAX);

	EXPECT_EQ(frames[0], wanted);
	EXPECT(rest == all - 1 || all == STACK_FRAMES_MAX);
}

TEST(the_depot_keeps_each_stack_once)
{
	uintptr_t one[] = { 1, 2, 3 }, two[] = { 1, 2, 4 };
	const uintptr_t *kept;
	uint32_t number, other;

	EXPECT_EQ(depot_put(one, 3), 0);        /* no memory yet */
	depot_init();
	number = depot_put(one, 3);
	other = depot_put(two, 3);
	EXPECT(number != 0 && other != 0 && number != other);
	EXPECT_EQ(depot_put(one, 3), number);
	EXPECT_NE(depot_put(one, 2), number);
	EXPECT_EQ(depot_get(other, &kept), 3);
	EXPECT(memcmp(kept, two, sizeof(two)) == 0);
	EXPECT_EQ(depot_get(0, &kept), 0);
	EXPECT_EQ(depot_get(UINT32_MAX, &kept), 0);
}

TEST(a_full_depot_answers_not_known)
{
	uintptr_t some[STACK_FRAMES_MAX] = { 0 };
	uint32_t number = 1;

	depot_init();
	for (uintptr_t i = 1; number != 0 && i < 1000000; i++) {
		some[0] = i;
		number = depot_put(some, STACK_FRAMES_MAX);
	}
	EXPECT_EQ(number, 0);
	some[0] = 5;
	EXPECT_NE(depot_put(some, STACK_FRAMES_MAX), 0);
}

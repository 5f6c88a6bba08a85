/*
 * debug/stack.c, track.c and depot.c: stacks are walked rightly, from memory too, and kept once.
 */
#include "debug/stack.h"

#include <alloca.h>
#include <execinfo.h>
#include <pthread.h>
#include <sched.h>
#include <signal.h>
#include <sys/mman.h>
#include <unistd.h>

#include "debug/depot.h"
#include "debug/track.h"
#include "harness/test.h"
#include "os/clock.h"

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

static void *on_a_small_stack(void *unused)
{
	with_a_growing_frame(16);
	return unused;
}

/* A stack, and nothing behind it. */
TEST(a_step_that_does_not_hold_here_leads_nowhere)
{
	enum { STACK = 128 << 10, GAP = 64 << 10 };
	char *memory = mmap(NULL, STACK + GAP, PROT_NONE, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
	pthread_attr_t attributes;
	pthread_t thread;

	mprotect(memory, STACK, PROT_READ | PROT_WRITE);
	with_a_growing_frame(60000);
	pthread_attr_init(&attributes);
	EXPECT_EQ(pthread_attr_setstack(&attributes, memory, STACK), 0);
	EXPECT_EQ(pthread_create(&thread, &attributes, on_a_small_stack, NULL), 0);
	pthread_join(thread, NULL);
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

/* ---- track.c: the last walk from a place is remembered ----------------------------------- */

TEST(a_number_that_does_not_fit_is_cut_and_changes_no_other)
{
	struct track track;

	track_set(&track, 3, 1024 + 5, (1 << 22) + 6, 9);
	EXPECT_EQ(track.stack, 3);
	EXPECT_EQ(track.cpu, 5);
	EXPECT_EQ(track.thread, 6);
	EXPECT_EQ(track.tick, 9);
}

TEST(a_track_says_thread_and_cpu_and_how_long_ago)
{
	static const uint32_t ages_ms[] = { 0, 16, 1600, (1u << 30) - 16 };
	struct track track;
	cpu_set_t here;

	depot_init();
	CPU_ZERO(&here);
	CPU_SET(sched_getcpu(), &here);
	EXPECT_EQ(sched_setaffinity(0, sizeof(here), &here), 0);
	track_now(&track, NULL);
	EXPECT_EQ(track.thread, gettid());
	EXPECT_EQ(track.cpu, sched_getcpu());
	EXPECT(track_age_ms(&track, clock_ms()) < 10000);
	for (size_t i = 0; i < ARRAY_LENGTH(ages_ms); i++) {
		track.tick = 5;
		EXPECT_EQ(track_age_ms(&track, 5 * 16 + ages_ms[i]), ages_ms[i]);
	}
}

static __attribute__((noinline)) uint32_t stack_here(void)
{
	struct track track;

	track_now(&track, NULL);
	return track.stack;
}

static __attribute__((noinline)) uint32_t from_one(void)
{
	uint32_t stack = stack_here();

	__asm__ volatile("" : "+r"(stack));
	return stack;
}

static __attribute__((noinline)) uint32_t from_another(void)
{
	uint32_t stack = stack_here();

	__asm__ volatile("nop" : "+r"(stack));
	return stack;
}

TEST(the_same_place_of_the_stack_under_other_callers_is_another_stack)
{
	uint32_t one[100], another[100];

	depot_init();
	for (int i = 0; i < 100; i++) {         /* one place in the code: nothing here makes the first turn special */
		one[i] = from_one();
		another[i] = from_another();
	}
	EXPECT(one[0] != 0 && another[0] != 0 && one[0] != another[0]);
	for (int i = 1; i < 100; i++) {
		EXPECT_EQ(one[i], one[0]);
		EXPECT_EQ(another[i], another[0]);
	}
}

TEST(a_remembered_stack_is_the_one_that_is_walked)
{
	const uintptr_t *kept;
	uint32_t stack = 0;

	depot_init();
	for (int i = 0; i < 3; i++)
		stack = stack_here();
	count = depot_get(stack, &kept);
	true_count = backtrace(truth, 64);
	EXPECT(count >= 3);
	for (unsigned i = 2; i < count; i++)
		EXPECT_EQ(kept[i], truth[i - 1]);
}

enum { THREADS = 4, DEPTHS = 40 };

static __attribute__((noinline)) uint32_t stack_at(unsigned depth)
{
	uint32_t stack = depth == 0 ? stack_here() : stack_at(depth - 1);

	__asm__ volatile("" : "+r"(stack));
	return stack;
}

static void *ask_at_all_depths(void *unused)
{
	uint32_t stack[DEPTHS];

	for (int round = 0; round < 500; round++) {
		for (unsigned depth = 0; depth < DEPTHS; depth++) {
			uint32_t now = stack_at(depth);

			EXPECT(now != 0 && (round == 0 || now == stack[depth]));
			stack[depth] = now;
		}
	}
	return unused;
}

/* One goes first: those who put the same stack at once may get two numbers for it. */
TEST(threads_that_ask_at_once_get_their_own)
{
	pthread_t thread[THREADS];

	depot_init();
	EXPECT_EQ(pthread_create(&thread[0], NULL, ask_at_all_depths, NULL), 0);
	pthread_join(thread[0], NULL);
	for (int i = 0; i < THREADS; i++)
		EXPECT_EQ(pthread_create(&thread[i], NULL, ask_at_all_depths, NULL), 0);
	for (int i = 0; i < THREADS; i++)
		pthread_join(thread[i], NULL);
}

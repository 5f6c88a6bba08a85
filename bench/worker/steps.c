/*
 * steps.c: count the instructions of an allocator by single stepping.
 *
 * A child allocates and frees; its parent steps it. Steps outside of this program's
 * own text, between a call and its return, are the allocator's (and its libc's). What
 * is inlined into the program is not seen. A step aborts a restartable sequence, so
 * ukmem is stepped with UKMEM_OPTIONS=backend:locked: its misses are the same code, its
 * hits are counted in the disassembly of the library.
 */
#include <signal.h>
#include <stdlib.h>
#include <sys/ptrace.h>
#include <sys/user.h>
#include <sys/wait.h>
#include <unistd.h>

#include "single.h"

/* A step takes 20 us on a virtual machine. A few times the largest batch of misses. */
enum { CALLS_MAX = 360, CALLS_QUICK = 60 };

static int calls_of(const struct job *job)
{
	return job->seconds < 0.05 ? CALLS_QUICK : CALLS_MAX;
}

/* Allocate so many objects, free them in that order; once for itself, once looked at. */
static void be_stepped(const struct job *job)
{
	static void *objects[CALLS_MAX];
	pool_t pool = pool_new(job->size, CALLS_MAX);
	int calls = calls_of(job);

	for (int round = 0; round < 2; round++) {
		if (round == 1)
			raise(SIGSTOP);
		for (int i = 0; i < calls; i++)
			objects[i] = pool_alloc(pool);
		for (int i = 0; i < calls; i++)
			pool_free(pool, objects[i]);
	}
	_exit(0);
}

#if defined(__x86_64__)

/* One call: how many instructions, and how many of them locked the bus. */
struct call {
	unsigned steps, atomics;
};

extern const char __executable_start, etext;

static bool is_ours(const unsigned char *at)
{
	return at >= (const unsigned char *)&__executable_start &&
	       at < (const unsigned char *)&etext;
}

static bool is_prefix(unsigned char byte)
{
	return byte == 0x66 || byte == 0x67 || byte == 0xf2 || byte == 0xf3 || byte == 0x2e ||
	       byte == 0x36 || byte == 0x3e || byte == 0x26 || byte == 0x64 || byte == 0x65;
}

/* A lock prefix, or xchg with memory. The child's text is ours, at the same place. */
static bool is_atomic(const unsigned char *at)
{
	while (is_prefix(*at))
		at++;
	if (*at == 0xf0)
		return true;
	if ((*at & 0xf0) == 0x40)
		at++;
	return (*at == 0x86 || *at == 0x87) && at[1] < 0xc0;
}

static const unsigned char *place_of(pid_t child)
{
	return (const unsigned char *)ptrace(PTRACE_PEEKUSER, child,
			offsetof(struct user_regs_struct, rip), NULL);
}

/* False when it has ended. */
static bool step(pid_t child)
{
	int status;

	return ptrace(PTRACE_SINGLESTEP, child, NULL, NULL) == 0 &&
	       waitpid(child, &status, __WALL) == child && WIFSTOPPED(status);
}

/* Until the signal that stopped it has let it go: back in the program's own text. */
static bool reach_program(pid_t child)
{
	int status;

	if (waitpid(child, &status, __WALL) != child || !WIFSTOPPED(status))
		return false;
	while (!is_ours(place_of(child)))
		if (!step(child))
			return false;
	return true;
}

/* Counts up to @most calls; returns how many there were. */
static int step_through(pid_t child, struct call *calls, int most)
{
	int count = 0;
	bool inside = false;

	while (step(child)) {
		const unsigned char *at = place_of(child);

		if (is_ours(at)) {
			count += inside;
			inside = false;
			if (count == most)
				return count;
			continue;
		}
		inside = true;
		calls[count].steps++;
		calls[count].atomics += is_atomic(at);
	}
	return count;
}

static int compare(const void *a, const void *b)
{
	unsigned x = ((const struct call *)a)->steps, y = ((const struct call *)b)->steps;

	return (x > y) - (x < y);
}

/* Six figures from @first on, as figures.h lists them. */
static void tell(struct result *result, int first, struct call *calls, int count)
{
	double steps = 0, atomics = 0, miss_steps = 0;
	const struct call *hit = &calls[count / 2];
	unsigned misses = 0;

	qsort(calls, (size_t)count, sizeof(*calls), compare);
	for (int i = 0; i < count; i++) {
		bool miss = calls[i].steps > 2 * hit->steps;

		steps += calls[i].steps;
		atomics += calls[i].atomics;
		misses += miss;
		miss_steps += miss ? calls[i].steps : 0;
	}
	result->value[first] = hit->steps;
	result->value[first + 1] = steps / count;
	result->value[first + 2] = misses > 0 ? miss_steps / misses : 0;
	result->value[first + 3] = (double)misses / count;
	result->value[first + 4] = hit->atomics;
	result->value[first + 5] = atomics / count;
}

void run_steps(const struct job *job, struct result *result)
{
	struct call *calls = own_memory(2 * CALLS_MAX * sizeof(*calls));
	int half = calls_of(job), count = 0;
	pid_t child;

	pin(0);
	child = fork();
	if (child == 0) {
		ptrace(PTRACE_TRACEME, 0, NULL, NULL);
		be_stepped(job);
	}
	if (child < 0)
		return;
	if (reach_program(child))
		count = step_through(child, calls, 2 * half);
	kill(child, SIGKILL);
	waitpid(child, NULL, 0);
	if (count < 2 * half)
		return;
	tell(result, FIGURE_ALLOC_HIT_STEPS, calls, half);
	tell(result, FIGURE_FREE_HIT_STEPS, calls + half, half);
}

#else

void run_steps(const struct job *job, struct result *result)
{
	(void)job;
	(void)result;
	(void)be_stepped;
}

#endif

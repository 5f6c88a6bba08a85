/*
 * track.c: see track.h.
 *
 * Most calls come from where calls came before, from the same place of the same stack. So
 * the last walk from there is remembered: where its return addresses stood, and under
 * which number the depot has them. If they all still stand there it is the same stack.
 * That is asked from the nearest outwards, so nothing is read that a walk would not read;
 * and the loads wait for each other no more, as those of a walk do.
 *
 * Threads share the table, stacks don't overlap: an address tells whose entry it is. An
 * entry that is just being written, or is taken over meanwhile (version), is not believed.
 */
#include "debug/track.h"

#include <sched.h>
#include <sys/syscall.h>
#include <unistd.h>

#include "debug/depot.h"
#include "debug/stack.h"
#include "os/clock.h"

enum {
	REMEMBERED = 512,               /* chosen: 128 KiB, touched as it is used */
	FRAMES_MAX = STACK_FRAMES_MAX + 8,      /* 8: the library's own */
};

static struct remembered {
	_Atomic uint32_t version;       /* odd: being written */
	uint32_t stack;
	const void *caller;
	const uintptr_t *frame;
	uint32_t count;
	uint32_t place[FRAMES_MAX];     /* in words behind frame */
	uintptr_t pc[FRAMES_MAX];
} remembered[REMEMBERED] RARELY_USED;

static uint32_t version_of(struct remembered *entry)
{
	return atomic_load_explicit(&entry->version, memory_order_relaxed);
}

static struct remembered *place_for(const void *caller, const uintptr_t *frame)
{
	uint64_t hash = ((uintptr_t)caller ^ (uintptr_t)frame << 8) * 0x9e3779b97f4a7c15u;

	return &remembered[hash >> 55];
}

/*
 * Who reads a field of a later writing reads its version after that, or a later one: each store
 * releases, each load acquires. Not fences, of which ThreadSanitizer knows nothing.
 */
#define PUT(field, value) __atomic_store_n(&(field), value, __ATOMIC_RELEASE)
#define GET(field)        __atomic_load_n(&(field), __ATOMIC_ACQUIRE)

/* The number of the stack if it is the remembered one, else 0. */
static uint32_t recall(struct remembered *entry, const void *caller, const uintptr_t *frame)
{
	uint32_t version = atomic_load_explicit(&entry->version, memory_order_acquire);
	uint32_t count = GET(entry->count), stack = GET(entry->stack);

	if (version % 2 != 0 || GET(entry->frame) != frame || GET(entry->caller) != caller ||
	    count > FRAMES_MAX)
		return 0;
	for (uint32_t i = 0; i < count; i++) {
		uintptr_t pc = GET(entry->pc[i]);
		uint32_t place = GET(entry->place[i]);

		if (version_of(entry) != version || frame[place] != pc)
			return 0;
	}
	return version_of(entry) == version ? stack : 0;
}

static void remember(struct remembered *entry, const void *caller, const uintptr_t *frame,
		     const struct walk *walk, uint32_t stack)
{
	uint32_t version = version_of(entry);
	unsigned count = walk->count - walk->first < STACK_FRAMES_MAX ? walk->count :
			 walk->first + STACK_FRAMES_MAX;

	if (count > FRAMES_MAX || stack == 0 || version % 2 != 0 ||
	    !atomic_compare_exchange_strong(&entry->version, &version, version + 1))
		return;
	PUT(entry->caller, caller);
	PUT(entry->frame, frame);
	PUT(entry->stack, stack);
	PUT(entry->count, count);
	for (unsigned i = 0; i < count; i++) {
		PUT(entry->place[i], (uint32_t)((const uintptr_t *)walk->sp[i] - 1 - frame));
		PUT(entry->pc[i], walk->pc[i]);
	}
	atomic_store_explicit(&entry->version, version + 2, memory_order_release);
}

static uint32_t stack_number(const void *caller, const uintptr_t *frame)
{
	struct remembered *entry = place_for(caller, frame);
	uint32_t stack = recall(entry, caller, frame);
	struct walk walk;
	unsigned count;
	bool steady;

	if (stack != 0)
		return stack;
	steady = stack_walk(&walk, caller, frame);
	count = walk.count - walk.first < STACK_FRAMES_MAX ? walk.count - walk.first :
		STACK_FRAMES_MAX;
	stack = depot_put(&walk.pc[walk.first], count);
	if (steady)
		remember(entry, caller, frame, &walk, stack);
	return stack;
}

static __thread uint32_t thread_number __attribute__((tls_model("initial-exec")));

void track_after_fork(void)
{
	thread_number = 0;
}

__attribute__((noinline)) void track_now(struct track *track, const void *caller)
{
	int cpu = sched_getcpu();

	if (thread_number == 0)
		thread_number = (uint32_t)syscall(SYS_gettid);
	track_set(track, stack_number(caller, __builtin_frame_address(0)), cpu < 0 ? 0 : (unsigned)cpu,
		  thread_number, (uint32_t)(clock_ms() >> TICK_SHIFT));
}

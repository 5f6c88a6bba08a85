#include "debug/fail.h"

#include <errno.h>
#include <string.h>
#include <sys/syscall.h>
#include <unistd.h>

#include "base/bits.h"
#include "debug/depot.h"
#include "debug/stack.h"
#include "os/ops.h"
#include "os/options.h"

enum { KINDS = KMEM_FAIL_OS + 1 };

static struct failure {
	struct kmem_fail when;
	_Atomic bool on;
	_Atomic uint64_t seen, refused, served_bytes;
	_Atomic uint64_t random;
} failures[KINDS];

/* ---- Whether this one ------------------------------------------------------------------ */

static bool stack_is_chosen(const struct kmem_fail *when, const void *caller)
{
	uintptr_t frames[STACK_FRAMES_MAX];
	unsigned count;

	if (when->stack_to == NULL)
		return true;
	count = stack_capture(caller, frames, ARRAY_LENGTH(frames));
	for (unsigned i = 0; i < count; i++)
		if (frames[i] >= (uintptr_t)when->stack_from && frames[i] < (uintptr_t)when->stack_to)
			return true;
	return false;
}

static bool is_chosen(const struct kmem_fail *when, size_t size, const void *caller)
{
	if (size < when->size_min || (when->size_max != 0 && size > when->size_max))
		return false;
	if (when->thread != 0 && when->thread != (pid_t)syscall(SYS_gettid))
		return false;
	return stack_is_chosen(when, caller);
}

/* SplitMix64, from a fixed start: the same program is refused the same requests. */
static unsigned random_percent(struct failure *failure)
{
	uint64_t z = atomic_fetch_add(&failure->random, UINT64_C(0x9e3779b97f4a7c15));

	z = (z ^ (z >> 30)) * UINT64_C(0xbf58476d1ce4e5b9);
	z = (z ^ (z >> 27)) * UINT64_C(0x94d049bb133111eb);
	return (unsigned)((z >> 33) % 100);
}

/* The order of the questions is the kernel's: space, interval, probability, times. */
static bool should_fail(enum kmem_fail_what what, size_t size, const void *caller)
{
	struct failure *failure = &failures[what];
	const struct kmem_fail *when = &failure->when;

	if (!atomic_load_explicit(&failure->on, memory_order_acquire) ||
	    !is_chosen(when, size, caller))
		return false;
	if (atomic_fetch_add(&failure->served_bytes, size) < when->space)
		return false;
	if (when->interval > 1 && atomic_fetch_add(&failure->seen, 1) % when->interval !=
				  when->interval - 1)
		return false;
	if (random_percent(failure) >= when->probability)
		return false;
	if (when->times < 0) {
		atomic_fetch_add(&failure->refused, 1);
		return true;
	}
	for (uint64_t n = atomic_load(&failure->refused); n < (uint64_t)when->times;)
		if (atomic_compare_exchange_weak(&failure->refused, &n, n + 1))
			return true;
	return false;
}

/* ---- Objects ---------------------------------------------------------------------------- */

/* __GFP_NOFAIL is never refused, as in the kernel. */
bool may_alloc(const struct slab_layout *layout, const struct alloc_request *request)
{
	if (!(layout->checks & SLAB_FAILSLAB) || (request->gfp & __GFP_NOFAIL))
		return true;
	return !should_fail(KMEM_FAIL_SLAB, request->size, request->caller);
}

/* ---- Pages ------------------------------------------------------------------------------ */

static bool may_take_pages(size_t bytes)
{
	return !should_fail(KMEM_FAIL_PAGE_ALLOC, bytes, NULL);
}

/* ---- System calls: the table, wrapped ------------------------------------------------------ */

static struct os_ops real;

static bool os_fails(size_t bytes)
{
	return should_fail(KMEM_FAIL_OS, bytes, NULL);
}

static int failing_commit(void *address, size_t bytes)
{
	return os_fails(bytes) ? -ENOMEM : real.commit(address, bytes);
}

static int failing_purge(void *address, size_t bytes)
{
	return os_fails(bytes) ? -ENOMEM : real.purge(address, bytes);
}

static int failing_map(size_t bytes, void **out)
{
	return os_fails(bytes) ? -ENOMEM : real.map(bytes, out);
}

static int failing_reserve(void *hint, size_t bytes, void **out)
{
	return os_fails(bytes) ? -ENOMEM : real.reserve(hint, bytes, out);
}

static int failing_start_thread(void *(*body)(void *), void *argument)
{
	return os_fails(0) ? -EAGAIN : real.start_thread(body, argument);
}

static void wrap_os(void)
{
	if (real.commit != NULL)
		return;
	real = os_ops;
	os_ops.commit = failing_commit;
	os_ops.purge = failing_purge;
	os_ops.map = failing_map;
	os_ops.reserve = failing_reserve;
	os_ops.start_thread = failing_start_thread;
}

/* ---- Setting it --------------------------------------------------------------------------- */

static void begin(enum kmem_fail_what what, const struct kmem_fail *when)
{
	struct failure *failure = &failures[what];

	failure->when = *when;
	atomic_store(&failure->seen, 0);
	atomic_store(&failure->refused, 0);
	atomic_store(&failure->served_bytes, 0);
	atomic_store(&failure->random, 0);
	if (what == KMEM_FAIL_PAGE_ALLOC)
		pages_may_take = may_take_pages;
	if (what == KMEM_FAIL_OS)
		wrap_os();
	atomic_store_explicit(&failure->on, true, memory_order_release);
}

PUBLIC int kmem_fail_set(enum kmem_fail_what what, const struct kmem_fail *fail)
{
	if ((unsigned)what >= KINDS || (fail != NULL && fail->probability > 100))
		return -EINVAL;
	atomic_store(&failures[what].on, false);
	if (fail != NULL)
		begin(what, fail);
	return 0;
}

PUBLIC unsigned long kmem_fail_count(enum kmem_fail_what what)
{
	return (unsigned)what < KINDS ? (unsigned long)atomic_load(&failures[what].refused) : 0;
}

static void begin_if_given(enum kmem_fail_what what, const struct fail_numbers *numbers)
{
	struct kmem_fail when = {
		.interval = numbers->interval, .probability = numbers->probability,
		.space = numbers->space, .times = numbers->times,
	};

	if (numbers->given && !atomic_load(&failures[what].on))
		begin(what, &when);
}

/* failslab: alone means all caches, unless debug:A,... names some. */
static void choose_all_caches(void)
{
	struct debug_options *debug = &options.debug;

	for (unsigned i = 0; i < debug->rules; i++)
		if (debug->rule[i].flags & SLAB_FAILSLAB)
			return;
	if (debug->rules < DEBUG_RULES)
		debug->rule[debug->rules++] = (struct debug_rule){ SLAB_FAILSLAB, "*" };
}

/* Again after a boot that was refused memory: what was refused then counts. */
void fail_init(void)
{
	if (options.debug.failslab.given)
		choose_all_caches();
	begin_if_given(KMEM_FAIL_SLAB, &options.debug.failslab);
	begin_if_given(KMEM_FAIL_PAGE_ALLOC, &options.debug.fail_page_alloc);
	begin_if_given(KMEM_FAIL_OS, &options.debug.fail_os);
}

/*
 * stack.c: a walk up the stack that learns.
 *
 * Compilers leave no frame pointers, so the truth is in the unwind tables, and asking
 * them (libgcc's unwinder: no lock, no allocation with glibc 2.35 and later) costs about
 * half a microsecond a frame. But how far a return address lies below the next one is a
 * property of the code it returns to, unless that function makes its frame as it goes.
 * So the distance is remembered by return address; a walk is then a table look-up a
 * frame, about 3 ns.
 *
 * Every remembered step must land on a return address that is itself remembered. Where
 * it does not (a new path, or a function with a growing frame) the tables are asked
 * again, and an address seen with two distances is marked: it is never stepped over.
 * Until then a step may lead anywhere, off the stack too: so another page is read only if the
 * tables have found a return address there.
 */
#include "debug/stack.h"

#include <stdatomic.h>
#include <unwind.h>

#include "base/bits.h"

enum {
	KNOWN = 1 << 13,                /* chosen: 64 KiB of addresses and steps */
	STEP_UNKNOWN = 0,
	STEP_END = 0xfffe,              /* the outermost frame */
	STEP_VARIES = 0xffff,
	STEP_MAX = 0x2000,              /* in words: 64 KiB frames are asked for each time */
};

/* A return address in the upper 48 bits, the step in the lower 16: read in one load. */
static _Atomic uint64_t known[KNOWN] RARELY_USED;

static _Atomic uint64_t *known_slot(uintptr_t pc)
{
	return &known[(pc * 0x9e3779b97f4a7c15u) >> 51];
}

static unsigned step_of(uintptr_t pc)
{
	uint64_t word = atomic_load_explicit(known_slot(pc), memory_order_relaxed);

	return word >> 16 == pc ? (unsigned)(word & 0xffff) : STEP_UNKNOWN;
}

static void learn(uintptr_t pc, unsigned step)
{
	unsigned before = step_of(pc);

	if (before == step || pc >> 48 != 0)
		return;
	if (before != STEP_UNKNOWN || step == STEP_UNKNOWN || (step > STEP_MAX && step != STEP_END))
		step = STEP_VARIES;
	atomic_store_explicit(known_slot(pc), (uint64_t)pc << 16 | step, memory_order_relaxed);
}

/* Pages of stacks, by number. Chosen: 32 KiB, touched as it is used. */
enum { PAGES_KNOWN = 1 << 12 };
static _Atomic uintptr_t stack_page[PAGES_KNOWN] RARELY_USED;

static uintptr_t page_below(uintptr_t sp)
{
	return (sp - sizeof(uintptr_t)) >> 12;
}

static _Atomic uintptr_t *page_slot(uintptr_t page)
{
	return &stack_page[(page * 0x9e3779b97f4a7c15u) >> 52];
}

/* May the word below @to be read, where the one below @from was? */
static bool may_step(uintptr_t from, uintptr_t to)
{
	uintptr_t page = page_below(to);

	return page == page_below(from) ||
	       atomic_load_explicit(page_slot(page), memory_order_relaxed) == page;
}

/* Remembered steps only, as far as they go. True when they led to the end. */
static bool walk_known(struct walk *walk, uintptr_t pc, uintptr_t sp)
{
	for (walk->count = 0; walk->count < WALK_MAX;) {
		unsigned step = step_of(pc);

		if (step == STEP_UNKNOWN || step == STEP_VARIES)
			return false;
		walk->sp[walk->count] = sp;
		walk->pc[walk->count++] = pc;
		if (step == STEP_END)
			return true;
		if (!may_step(sp, sp + step * sizeof(uintptr_t)))
			return false;
		sp += step * sizeof(uintptr_t);
		pc = ((const uintptr_t *)sp)[-1];
	}
	return true;
}

static _Unwind_Reason_Code note_frame(struct _Unwind_Context *context, void *argument)
{
	struct walk *walk = argument;
	int interrupted = 0;
	uintptr_t pc = _Unwind_GetIPInfo(context, &interrupted);

	if (walk->count == WALK_MAX || pc == 0)
		return _URC_END_OF_STACK;
	if (interrupted && walk->count != 0)
		learn(walk->pc[walk->count - 1], STEP_UNKNOWN);  /* a signal's frame: varies */
	walk->pc[walk->count] = pc;
	walk->sp[walk->count++] = _Unwind_GetCFA(context);
	return _URC_NO_REASON;
}

static void learn_all(const struct walk *walk)
{
	for (unsigned i = 0; i < walk->count; i++)
		atomic_store_explicit(page_slot(page_below(walk->sp[i])), page_below(walk->sp[i]),
				      memory_order_relaxed);
	for (unsigned i = 0; i + 1 < walk->count; i++)
		if (step_of(walk->pc[i]) != STEP_VARIES)
			learn(walk->pc[i], (unsigned)min_size((walk->sp[i + 1] - walk->sp[i]) /
							      sizeof(uintptr_t), STEP_MAX + 1));
	if (walk->count != 0 && walk->count < WALK_MAX)
		learn(walk->pc[walk->count - 1], STEP_END);
}

static COLD void walk_tables(struct walk *walk)
{
	walk->count = 0;
	_Unwind_Backtrace(note_frame, walk);
	learn_all(walk);
}

static unsigned frame_of(const struct walk *walk, uintptr_t pc)
{
	unsigned i = 0;

	while (i < walk->count && walk->pc[i] != pc)
		i++;
	return i;
}

bool stack_walk(struct walk *walk, const void *caller, const uintptr_t *frame)
{
	bool by_memory = walk_known(walk, frame[1], (uintptr_t)(frame + 2));

	if (!by_memory)
		walk_tables(walk);
	walk->first = frame_of(walk, (uintptr_t)caller);
	if (walk->first == walk->count)
		walk->first = frame_of(walk, frame[1]);
	return by_memory;
}

__attribute__((noinline)) unsigned stack_capture(const void *caller, uintptr_t *frames,
						 unsigned max)
{
	struct walk walk;
	unsigned count = 0;

	stack_walk(&walk, caller, __builtin_frame_address(0));
	for (unsigned i = walk.first; i < walk.count && count < max; i++)
		frames[count++] = walk.pc[i];
	return count;
}

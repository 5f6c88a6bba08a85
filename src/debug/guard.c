#include "debug/guard.h"

#include <errno.h>
#include <signal.h>
#include <string.h>
#include <sys/mman.h>
#include <ucontext.h>

#include "arch/array_cache.h"
#include "base/bits.h"
#include "debug/depot.h"
#include "debug/finding.h"
#include "debug/track.h"
#include "os/clock.h"
#include "os/ops.h"
#include "os/options.h"
#include "os/thread.h"

/* Chosen: freed slots wait their turn, so a pointer stays deadly for 255 samples more. */
enum { SLOTS = 256 };

/*
 * Closing: one thread is freeing the object. Spent: a fault has opened the page of a freed one
 * to whoever writes there still. Neither is handed out.
 */
enum slot_state { SLOT_NEW, SLOT_LIVE, SLOT_CLOSING, SLOT_FREED, SLOT_SPENT };

static struct slot {
	_Atomic enum slot_state state;  /* who took it under the lock, or frees it, writes it */
	const struct slab_layout *layout;       /* of a freed one: gone, perhaps */
	char name[64];                  /* which outlives its cache; what is longer is cut */
	char *start;
	size_t size;
	struct track allocated, freed;
} slots[SLOTS] RARELY_USED;

struct lock guard_lock = LOCK_INIT(LOCK_RANK_QUARANTINE);
char *guard_base;
size_t guard_bytes;

/* Misses until the next sample, for each slot its own line: every miss writes it. */
enum { COUNTDOWNS = 64 };

static struct {
	alignas(CACHE_LINE_BYTES) _Atomic uint32_t misses;
} countdown[COUNTDOWNS] RARELY_USED;

static _Atomic uint64_t last_ms;
static unsigned next_slot;              /* under the lock, round and round */
static struct sigaction chained;

static char *page_of(unsigned slot)
{
	return guard_base + (2 * (size_t)slot + 1) * PAGE_BYTES;
}

/* The slot whose page, or guard page nearest to it, @address is in. */
static struct slot *slot_of(const void *address)
{
	size_t page = (size_t)((const char *)address - guard_base) >> PAGE_SHIFT;
	size_t slot = page == 0 ? 0 : (page - 1) / 2;
	size_t within = (size_t)address % PAGE_BYTES;

	/* On a guard page between two: the side it is nearer to. */
	if (page % 2 == 0 && page != 0 && within >= PAGE_BYTES / 2 && slot + 1 < SLOTS)
		slot++;
	return &slots[min_size(slot, SLOTS - 1)];
}

/*
 * By count, and never twice in a tick of the coarse clock: that bounds the cost. Two threads
 * of a slot may count one miss for two: no matter.
 */
bool guard_turn(void)
{
	_Atomic uint32_t *misses = &countdown[thread_slot() % COUNTDOWNS].misses;
	uint32_t left = atomic_load_explicit(misses, memory_order_relaxed);
	uint64_t now_ms, last;

	if (likely(left != 0)) {
		atomic_store_explicit(misses, left - 1, memory_order_relaxed);
		return false;
	}
	atomic_store_explicit(misses, options.debug.sample - 1, memory_order_relaxed);
	now_ms = clock_ms();
	last = atomic_load_explicit(&last_ms, memory_order_relaxed);
	return options.debug.sample == 1 ||
	       (now_ms != last && atomic_compare_exchange_strong(&last_ms, &last, now_ms));
}

static struct slot *take_slot(const struct slab_layout *layout)
{
	struct slot *slot = NULL;

	lock_take(&guard_lock);
	for (unsigned i = 0; i < SLOTS && slot == NULL; i++) {
		slot = &slots[next_slot];
		next_slot = (next_slot + 1) % SLOTS;
		if (slot->state != SLOT_NEW && slot->state != SLOT_FREED)
			slot = NULL;
	}
	if (slot != NULL) {
		slot->layout = layout;
		slot->state = SLOT_LIVE;
	}
	lock_drop(&guard_lock);
	return slot;
}

size_t guard_objects(const struct slab_layout *layout)
{
	size_t count = 0;

	if (guard_base == NULL)
		return 0;
	lock_take(&guard_lock);
	for (unsigned i = 0; i < SLOTS; i++)
		count += slots[i].state == SLOT_LIVE && slots[i].layout == layout;
	lock_drop(&guard_lock);
	return count;
}

void *guard_alloc(const struct slab_layout *layout, size_t size, const void *caller)
{
	int kept_errno = errno;
	struct slot *slot;
	unsigned number;
	char *page;

	if (layout->late_readers || layout->object_size > PAGE_BYTES || layout->align > PAGE_BYTES)
		return NULL;
	slot = take_slot(layout);
	if (slot == NULL)
		return NULL;
	number = (unsigned)(slot - slots);
	page = page_of(number);
	if (os_ops.commit(page, PAGE_BYTES) != 0) {
		slot->state = SLOT_FREED;
		errno = kept_errno;
		return NULL;
	}
	strncpy(slot->name, layout->name, sizeof(slot->name) - 1);
	slot->size = size;
	slot->start = number % 4 == 3 ? page :
		      page + align_down(PAGE_BYTES - size, layout->align);
	if (layout->ctor != NULL)
		layout->ctor(slot->start);
	slot->freed = (struct track){ 0 };
	track_now(&slot->allocated, caller);
	return slot->start;
}

static void add_slot(struct finding *finding, const struct slot *slot, const void *caller)
{
	finding_add(finding, "%p, a %s object of cache %s (%zu bytes)\n", (void *)slot->start,
		    slot->state == SLOT_LIVE || slot->state == SLOT_CLOSING ? "live" : "freed",
		    slot->name[0] != '\0' ? slot->name : "?", slot->size);
	finding_tracks(finding, NULL, caller);
	finding_track(finding, "allocated", &slot->allocated);
	finding_track(finding, "freed", &slot->freed);
	finding_end(finding);
}

/* True: it is this thread's to free. */
static bool begin_free(const struct slab_layout *layout, struct slot *slot, const void *object,
		       const void *caller)
{
	enum slot_state live = SLOT_LIVE;
	struct finding finding;

	if (slot->state != SLOT_LIVE)
		finding_begin(&finding, "double free of ");
	else if (object != slot->start)
		finding_begin(&finding, "free of %p, %td bytes into ", object,
			      (const char *)object - slot->start);
	else if (layout != NULL && layout != slot->layout)
		finding_begin(&finding, "free into cache %s of ", layout->name);
	else if (atomic_compare_exchange_strong(&slot->state, &live, SLOT_CLOSING))
		return true;
	else
		finding_begin(&finding, "double free of ");
	add_slot(&finding, slot, caller);
	return false;
}

/* What lies between the object and the end of its page: written by a short overflow. */
static void check_rest(const struct slot *slot, const void *caller)
{
	const char *page = page_of((unsigned)(slot - slots));
	const char *end = slot->start + slot->size;
	struct finding finding;

	for (const char *byte = page; byte < page + PAGE_BYTES; byte++) {
		if (*byte == 0 || (byte >= slot->start && byte < end))
			continue;
		finding_begin(&finding, "write %s, byte %td of ", byte < slot->start ?
			      "before the start" : "past the end", byte - slot->start);
		add_slot(&finding, slot, caller);
		return;
	}
}

void guard_free(const struct slab_layout *layout, void *object, const void *caller)
{
	struct slot *slot = slot_of(object);
	char *page = page_of((unsigned)(slot - slots));
	int kept_errno = errno;

	if (!begin_free(layout, slot, object, caller))
		return;
	check_rest(slot, caller);
	track_now(&slot->freed, caller);
	if (os_ops.purge(page, PAGE_BYTES) != 0)
		memset(page, 0, PAGE_BYTES);            /* it is locked: mlockall(2) */
	mprotect(page, PAGE_BYTES, PROT_NONE);
	slot->state = SLOT_FREED;       /* without the lock: a handler may have interrupted its holder */
	errno = kept_errno;
}

size_t guard_usable(const void *object)
{
	return slot_of(object)->size;
}

/* ---- The fault --------------------------------------------------------------------------- */

#if defined(__x86_64__)
static bool is_write(const ucontext_t *context)
{
	return (context->uc_mcontext.gregs[REG_ERR] & 2) != 0;
}
#elif defined(__aarch64__)
/* Of the records that the kernel left, one says what kind of fault it was. */
static bool is_write(const ucontext_t *context)
{
	enum { ESR_WRITE = 1 << 6 };
	const char *at = (const char *)context->uc_mcontext.__reserved;
	const struct _aarch64_ctx *record = (const void *)at;

	for (; record->magic != 0; record = (const void *)at) {
		if (record->magic == ESR_MAGIC)
			return (((const struct esr_context *)(const void *)at)->esr & ESR_WRITE) != 0;
		at += record->size;
	}
	return false;
}
#else
static bool is_write(const ucontext_t *context UNUSED)
{
	return false;
}
#endif

static void report_fault(const char *address, const void *context)
{
	const struct slot *slot = slot_of(address);
	const char *what = is_write(context) ? "write" : "read";
	struct finding finding;

	if (slot->state == SLOT_FREED)
		finding_begin(&finding, "%s after free, byte %td of ", what, address - slot->start);
	else
		finding_begin(&finding, "%s %s, byte %td of ", what, address < slot->start ?
			      "before the start" : "past the end", address - slot->start);
	add_slot(&finding, slot, NULL);
}

/* Somebody else's fault goes to who was there before us, or the default. */
static void pass_on(int number, siginfo_t *info, void *context)
{
	if (chained.sa_flags & SA_SIGINFO)
		chained.sa_sigaction(number, info, context);
	else if (chained.sa_handler != SIG_DFL && chained.sa_handler != SIG_IGN)
		chained.sa_handler(number);
	else if (info->si_code > 0)
		signal(number, SIG_DFL);        /* and it comes again */
	else if (chained.sa_handler == SIG_DFL) {       /* somebody sent it */
		signal(number, SIG_DFL);
		raise(number);
	}
}

/* Going on means: the page may be used from now on. */
static void open_page(const char *address)
{
	char *page = (char *)align_down((size_t)address, PAGE_BYTES);
	struct slot *slot = slot_of(address);

	if (page == page_of((unsigned)(slot - slots)) && slot->state != SLOT_LIVE)
		slot->state = SLOT_SPENT;
	mprotect(page, PAGE_BYTES, PROT_READ | PROT_WRITE);
}

static void on_fault(int number, siginfo_t *info, void *context)
{
	char *address = info->si_addr;

	if (!guard_owns(address)) {
		pass_on(number, info, context);
		return;
	}
	report_fault(address, context);
	open_page(address);
}

void guard_init(void)
{
	struct sigaction action = { .sa_sigaction = on_fault, .sa_flags = SA_SIGINFO | SA_ONSTACK };
	size_t bytes = (2 * (size_t)SLOTS + 1) * PAGE_BYTES;
	void *base;

	if (options.debug.sample == 0 || os_ops.reserve(NULL, bytes, &base) != 0)
		return;
	if (window_node((unsigned)((size_t)base >> WINDOW_SHIFT)) >= 0 ||
	    sigaction(SIGSEGV, &action, &chained) != 0) {
		os_ops.unreserve(base, bytes);
		slab_log("sample: no guarded objects, no addresses to be had for them");
		return;
	}
	depot_init();
	guard_bytes = bytes;
	__atomic_store_n(&guard_base, base, __ATOMIC_RELEASE);
}

/*
 * thread.c: adopt threads.
 *
 * glibc registers every thread's struct rseq (2.35 and later) and publishes where:
 * __rseq_offset from the thread pointer, __rseq_size 0 when it did not. We use that
 * one registration and write no field but rseq_cs.
 */
#include "os/thread.h"

#include <sched.h>
#include <stdatomic.h>
#include <sys/auxv.h>
#include <sys/syscall.h>
#include <unistd.h>

#include "base/check.h"
#include "os/fence.h"
#include "os/options.h"
#include "os/topology.h"

#ifndef AT_RSEQ_FEATURE_SIZE
#define AT_RSEQ_FEATURE_SIZE 27
#endif

/* Fields of the kernel's struct rseq, by offset: glibc's header may be older. */
enum {
	RSEQ_CPU_ID = 4,
	RSEQ_CS = 8,
	RSEQ_MM_CID = 24,
	RSEQ_MM_CID_END = 28,
};

/* Weak: a C library without rseq has neither. */
extern const ptrdiff_t __rseq_offset __attribute__((weak));
extern const unsigned int __rseq_size __attribute__((weak));

static const int32_t nowhere = -1;
static uint64_t no_cs;

__thread struct ukmem_thread ukmem_thread = { .cs = &no_cs, .index = &nowhere };

/*
 * What every hit of the library reads is where ukmem_thread is, from the linker's table, whose end
 * is a page's. It must not lie at the start of a line: a load waits for an earlier store with the same
 * low 12 bits, and programs write the first bytes of cold objects. tests/misc/hot_path.sh looks;
 * this moves it.
 */
#ifdef __x86_64__
asm(".pushsection .data.rel.ro, \"aw\"\n\t"
    ".skip 16\n\t"
    ".popsection");
#endif

/* This thread: its mode, its pretended CPU, and where a stranger's arming goes. */
static __thread struct {
	uint8_t mode;                   /* enum thread_mode */
	bool pretends, guarded, reclaims;
	int32_t pretended_cpu;
	uint64_t unused_cs;
} self __attribute__((tls_model("initial-exec")));

__thread uint8_t thread_scope;

static bool process_rseq;
static bool all_pretend;
static int index_offset = RSEQ_CPU_ID;
counter_t seq_aborts[SEQ_KINDS];

#ifdef UKMEM_RSEQ_DELAY
uint32_t rseq_delay[RSEQ_DELAY_POINTS];
#endif

static char *rseq_area(void)
{
	return (char *)__builtin_thread_pointer() + __rseq_offset;
}

static int32_t *area_field(int offset)
{
	return (int32_t *)(void *)(rseq_area() + offset);
}

/* Negative in an area that the kernel does not keep. */
static bool thread_is_registered(void)
{
	return &__rseq_size != NULL && __rseq_size != 0 &&
	       *(volatile int32_t *)area_field(RSEQ_CPU_ID) >= 0;
}

static bool kernel_fills_cid(void)
{
	return getauxval(AT_RSEQ_FEATURE_SIZE) >= RSEQ_MM_CID_END;
}

static bool want_cid(void)
{
	if (topology.nodes > 1 || topology.fake || options.index == INDEX_CPU)
		return false;
	return kernel_fills_cid();
}

/*
 * On a made-up machine with fewer CPUs than the real one two CPUs would share a slot,
 * which only locks allow.
 */
static bool slots_cover_cpus(void)
{
	return !topology.fake || all_pretend ||
	       sysconf(_SC_NPROCESSORS_CONF) <= (long)topology.slots;
}

void threads_init(void)
{
	process_rseq = ARCH_HAS_RSEQ && options.backend != BACKEND_LOCKED &&
		       thread_is_registered() && slots_cover_cpus() && fence_init();
	if (options.backend == BACKEND_RSEQ && !process_rseq)
		slab_log("backend:rseq is not to be had here, using locked arrays");
	index_offset = want_cid() ? RSEQ_MM_CID : RSEQ_CPU_ID;
	if (options.index == INDEX_CID && index_offset != RSEQ_MM_CID)
		slab_log("index:cid is not to be had here, using CPU numbers");
}

bool backend_is_rseq(void)
{
	return process_rseq;
}

bool index_is_cid(void)
{
	return process_rseq && index_offset == RSEQ_MM_CID;
}

/* The number is set last: a signal between the stores still finds the door. */
static void run_sequences(void)
{
	ukmem_thread.cs = (uint64_t *)(void *)area_field(RSEQ_CS);
	atomic_signal_fence(memory_order_seq_cst);
	ukmem_thread.index = self.pretends ? &self.pretended_cpu : area_field(index_offset);
}

/*
 * A cache line of this thread's own to arm into, rather than one for all. Who ran sequences
 * goes on arming where the kernel looks: we may be a handler that interrupted one.
 */
static void run_no_sequences(void)
{
	ukmem_thread.index = &nowhere;
	if (ukmem_thread.cs == &no_cs)
		ukmem_thread.cs = &self.unused_cs;
}

/*
 * A signal handler that comes in between must not find THREAD_RSEQ and no slot number:
 * so that mode is the last thing set, and the first thing given up.
 */
static void become(enum thread_mode mode)
{
	if (mode == THREAD_RSEQ) {
		run_sequences();
		atomic_signal_fence(memory_order_seq_cst);
		self.mode = mode;
	} else {
		self.mode = mode;
		atomic_signal_fence(memory_order_seq_cst);
		run_no_sequences();
	}
}

enum thread_mode thread_mode(void)
{
	if (likely(self.mode != THREAD_STRANGER))
		return self.mode;
	if (!process_rseq)
		become(THREAD_LOCKED);
	else
		become(thread_is_registered() ? THREAD_RSEQ : THREAD_BYPASS);
	return self.mode;
}

void thread_guard(bool on)
{
	self.guarded = on;
	if (on && process_rseq)
		become(THREAD_BYPASS);
	else
		self.mode = THREAD_STRANGER;
}

bool thread_is_guarded(void)
{
	return self.guarded;
}

bool thread_enter_reclaim(void)
{
	bool entered = !self.reclaims;

	self.reclaims = true;
	return entered;
}

void thread_leave_reclaim(void)
{
	self.reclaims = false;
}

unsigned thread_slot(void)
{
	int cpu;

	if (self.pretends)
		return (unsigned)self.pretended_cpu;
	if (self.mode == THREAD_RSEQ) {
		cpu = *(const volatile int32_t *)ukmem_thread.index;
		if (likely(cpu >= 0))
			return (unsigned)cpu;
	}
	cpu = sched_getcpu();   /* also when somebody ended our registration */
	return cpu < 0 ? 0 : (unsigned)cpu % topology.slots;
}

void thread_pretend_cpu(int cpu)
{
	self.pretends = cpu >= 0;
	self.pretended_cpu = cpu;
	self.mode = THREAD_STRANGER;
	thread_mode();
}

void threads_all_pretend(void)
{
	all_pretend = true;
}

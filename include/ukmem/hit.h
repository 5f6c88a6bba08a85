/*
 * hit.h: the two hit paths, one restartable sequence each, in x86-64 (and, by way of
 * hit_aarch64.h, in AArch64).
 *
 * The library compiles its own kmem_cache_alloc and kmem_cache_free from this file, and
 * programs that include <ukmem/inline.h> theirs; nobody else includes it. What it
 * names is part of the library's binary interface:
 *
 *     cache + 512 + 8 * slot      -> this CPU's array
 *     array +  0  avail, idle        32 bits each; a pop clears idle
 *           + 32  window limits      16 of 16 bits: objects at (window << 43) that fit
 *           + 64  entries
 *
 * docs/rseq.md explains a sequence step by step; src/arch/rseq.h has the contract of
 * all in pseudo-code.
 *
 * Layout: each use of a sequence emits a descriptor (start, length, abort address) in
 * section __rseq_cs, and an abort handler in __rseq_failure, out of the hit's way. The
 * kernel jumps there only if the four bytes before it are RSEQ_SIG, which are dressed as
 * the operand of a ud1 so that disassemblers keep their footing.
 *
 * No push or pop in here: a signal may use the red zone below the stack pointer.
 */
#ifndef UKMEM_HIT_H
#define UKMEM_HIT_H

#include <stdint.h>

#include <ukmem/gfp.h>

struct kmem_cache;

#ifdef __cplusplus
extern "C" {
#endif

/*
 * What a thread's sequences go by: the kernel's rseq_cs field, and the slot number.
 * Until the library knows a thread, and in one that has no rseq, the number is -1: the
 * slot before the first holds an array without room or objects.
 */
struct ukmem_thread {
	uint64_t *cs;
	const int32_t *index;
};

extern __thread struct ukmem_thread ukmem_thread
	__attribute__((tls_model("initial-exec"), visibility("default")));

enum ukmem_hit { UKMEM_HIT, UKMEM_MISS, UKMEM_ABORTED };

/*
 * The doors of the inline hits, for everything that is no hit. Not to be called by hand.
 * @cache and @gfp, or @object, as kmem_cache_alloc and kmem_cache_free got them.
 */
void *ukmem_alloc_miss(struct kmem_cache *cache, gfp_t gfp);
void ukmem_free_miss(struct kmem_cache *cache, void *object);

#ifdef __cplusplus
}
#endif

/*
 * Who allocates writes next. A store that misses waits in the store buffer, in order, with
 * all that come after it; asked for here, its line comes while others are still under way.
 */
#if defined(__x86_64__)
#define UKMEM_WILL_BE_WRITTEN "prefetchw (%[object])\n\t"
#elif defined(__aarch64__)
#define UKMEM_WILL_BE_WRITTEN "prfm pstl1keep, [%[object]]\n\t"
#else
#define UKMEM_WILL_BE_WRITTEN ""
#endif

/* The thread sanitizer sees neither inline assembly nor its promises. */
#if defined(__SANITIZE_THREAD__)
#define UKMEM_UNDER_TSAN 1
#elif defined(__has_feature)
#if __has_feature(thread_sanitizer)
#define UKMEM_UNDER_TSAN 1
#endif
#endif

#if (defined(__x86_64__) || (defined(__aarch64__) && defined(__AARCH64EL__))) && \
    !defined(UKMEM_UNDER_TSAN) && (defined(__clang__) || __GNUC__ >= 11)
#define UKMEM_HAS_HIT 1

/* Inlined or nothing: no second copy of these is ever emitted. */
#define UKMEM_INLINE extern inline __attribute__((gnu_inline, always_inline))

/*
 * The number's place is read before the place to arm, or both at once: a signal handler that
 * comes in between and makes this thread known must not leave us with the number of a slot
 * and a place to arm that the kernel does not look at.
 */
UKMEM_INLINE struct ukmem_thread ukmem_this_thread(void)
{
	struct ukmem_thread self;

#ifdef __aarch64__
	__asm__("ldp %0, %1, %2" : "=r" (self.cs), "=r" (self.index) : "Q" (ukmem_thread));
#else
	self.index = *(const int32_t *const volatile *)&ukmem_thread.index;
	self.cs = *(uint64_t *const volatile *)&ukmem_thread.cs;
#endif
	return self;
}

/* Where the race tests stall a sequence; they define it first. */
#ifndef UKMEM_DELAY
#define UKMEM_DELAY(point)
#define UKMEM_DELAY_REGISTER
#define UKMEM_DELAY_VARIABLE
#endif

#ifdef __aarch64__
#include <ukmem/hit_aarch64.h>
#else

/*
 * Load the descriptor's address and arm, at @place: from here to label 2 we are restartable.
 *
 * What a hit takes is a matter of bytes, too: out of line it is a line of code, 64, and a call
 * of one that is longer waits for a second. So pop and push get where to arm and where
 * the slot's number is in registers that become others once these are read, three or four in all:
 * the first eight, whose instructions are a byte shorter, are enough.
 */
#define UKMEM_ARM(place)                                                        \
	".pushsection __rseq_cs, \"aw\"\n\t"                                    \
	".balign 32\n\t"                                                        \
	"3: .long 0, 0\n\t"                                                     \
	".quad 1f, 2f - 1f, 4f\n\t"                                             \
	".popsection\n\t"                                                       \
	".pushsection __rseq_failure, \"ax\"\n\t"                               \
	".byte 0x0f, 0xb9, 0x3d\n\t"                                            \
	".long 0x53053053\n\t"                                                  \
	"4: jmp %l[aborted]\n\t"                                                \
	".popsection\n\t"                                                       \
	"leaq 3b(%%rip), %[a]\n\t"                                              \
	"movq %[a], " place "\n\t"                                              \
	"1:\n\t"

/*
 * An entry, by its address first: what goes through memory from a push to the pop that
 * follows is had at once where no index is in the way (Intel family 6 model 207). The library's own
 * hits have no bytes to spare for that.
 */
#ifdef UKMEM_OUT_OF_LINE
#define UKMEM_ENTRY_LOAD "movq 56(%[a], %[n], 8), %[object]\n\t"
#define UKMEM_ENTRY_STORE "movq %[object], 64(%[a], %[n], 8)\n\t"
#else
#define UKMEM_ENTRY_LOAD                                                        \
	"leaq 56(%[a], %[n], 8), %[object]\n\t"                                 \
	"movq (%[object]), %[object]\n\t"
#define UKMEM_ENTRY_STORE                                                       \
	"leaq 64(%[a], %[n], 8), %[w]\n\t"                                      \
	"movq %[object], (%[w])\n\t"
#endif

#define UKMEM_SLOT_LOAD "movq 512(%[base], %[a], 8), %[a]\n\t"

#define UKMEM_COMMITTED "2:\n\t"

/*
 * Take the newest object of this CPU's array. @test comes before "js": what else makes the
 * result negative, a miss. The object is loaded before the count is lowered: who frees it
 * next has a chain of loads to go by, and this is its first. Of an empty array it is a word
 * of the header, and nobody's. Comes in: where to arm as n, where the number is as object.
 */
#define UKMEM_POP(test)                                                         \
	UKMEM_ARM("(%[n])")                                                     \
	UKMEM_DELAY(0)                                                          \
	"movslq (%[object]), %[a]\n\t"                                          \
	UKMEM_DELAY(1)                                                          \
	UKMEM_SLOT_LOAD                                                         \
	UKMEM_DELAY(2)                                                          \
	"movl (%[a]), %k[n]\n\t"                                                \
	UKMEM_DELAY(3)                                                          \
	UKMEM_ENTRY_LOAD                                                        \
	UKMEM_DELAY(4)                                                          \
	"subl $1, %k[n]\n\t"                                                    \
	test                                                                    \
	"js %l[miss]\n\t"                                                       \
	UKMEM_DELAY(5)                                                          \
	"movq %[n], (%[a])\n\t"                                                 \
	UKMEM_COMMITTED                                                         \
	UKMEM_WILL_BE_WRITTEN

UKMEM_INLINE enum ukmem_hit ukmem_pop(const void *base, void **object)
{
	const struct ukmem_thread self = ukmem_this_thread();
	uintptr_t array, left = (uintptr_t)self.cs, popped = (uintptr_t)self.index;
	UKMEM_DELAY_VARIABLE

	__asm__ volatile goto(
		UKMEM_POP("")
		: [object] "+&a" (popped), [a] "=&r" (array), [n] "+&r" (left)
		  UKMEM_DELAY_REGISTER
		: [base] "r" (base)
		: "memory", "cc"
		: miss, aborted);
	*object = (void *)popped;
	return UKMEM_HIT;
miss:
	return UKMEM_MISS;
aborted:
	return UKMEM_ABORTED;
}

/* The same, and a miss if @attention is negative; rubbish falls into its low bits. */
UKMEM_INLINE enum ukmem_hit ukmem_pop_unless(const void *base, int attention, void **object)
{
	const struct ukmem_thread self = ukmem_this_thread();
	uintptr_t array, left = (uintptr_t)self.cs, popped = (uintptr_t)self.index;
	UKMEM_DELAY_VARIABLE

	__asm__ volatile goto(
		UKMEM_POP("orl %k[n], %[attention]\n\t")
		: [object] "+&a" (popped), [a] "=&r" (array), [n] "+&r" (left),
		  [attention] "+&r" (attention)
		  UKMEM_DELAY_REGISTER
		: [base] "r" (base)
		: "memory", "cc"
		: miss, aborted);
	*object = (void *)popped;
	return UKMEM_HIT;
miss:
	return UKMEM_MISS;
aborted:
	return UKMEM_ABORTED;
}

/*
 * Put @object on this CPU's array, which @slot_load finds. A miss when it is full or the
 * object not its node's. Comes in: where to arm as n, where the number is as w.
 */
#define UKMEM_PUSH(slot_load)                                                   \
	UKMEM_ARM("(%[n])")                                                     \
	UKMEM_DELAY(6)                                                          \
	"movslq (%[w]), %[a]\n\t"                                               \
	UKMEM_DELAY(7)                                                          \
	slot_load                                                               \
	UKMEM_DELAY(8)                                                          \
	"movq %[object], %[w]\n\t"                                              \
	"shrq $43, %[w]\n\t"                                                    \
	UKMEM_DELAY(9)                                                          \
	"movl (%[a]), %k[n]\n\t"                                                \
	UKMEM_DELAY(10)                                                         \
	"cmpw 32(%[a], %[w], 2), %w[n]\n\t"                                     \
	"jae %l[full]\n\t"                                                      \
	UKMEM_DELAY(11)                                                         \
	UKMEM_ENTRY_STORE                                                       \
	"addl $1, %k[n]\n\t"                                                    \
	UKMEM_DELAY(12)                                                         \
	"movl %k[n], (%[a])\n\t"                                                \
	UKMEM_COMMITTED

UKMEM_INLINE enum ukmem_hit ukmem_push(const void *base, void *object)
{
	const struct ukmem_thread self = ukmem_this_thread();
	uintptr_t array, count = (uintptr_t)self.cs, window = (uintptr_t)self.index;
	UKMEM_DELAY_VARIABLE

	__asm__ volatile goto(
		UKMEM_PUSH(UKMEM_SLOT_LOAD)
		: [a] "=&r" (array), [n] "+&r" (count), [w] "+&r" (window)
		  UKMEM_DELAY_REGISTER
		: [base] "r" (base), [object] "r" (object)
		: "memory", "cc"
		: full, aborted);
	return UKMEM_HIT;
full:
	return UKMEM_MISS;
aborted:
	return UKMEM_ABORTED;
}

#endif
#else
#define UKMEM_HAS_HIT 0
#endif

#endif

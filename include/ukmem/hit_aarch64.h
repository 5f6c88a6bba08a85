/*
 * hit_aarch64.h: the two hit paths of hit.h, in AArch64. Included by it alone.
 *
 * What is different from x86-64: a user address has 48 bits, so the 16 windows are of
 * 16 TiB; the signature is a brk; a store takes one register and no index with an offset,
 * so an address is computed on its own; and there is no red zone, but no push either.
 */
#ifndef UKMEM_HIT_AARCH64_H
#define UKMEM_HIT_AARCH64_H

#include <ukmem/hit.h>

#if UKMEM_HAS_HIT && defined(__aarch64__)

/* Load the descriptor's address and arm: from here to label 2 we are restartable. */
#define UKMEM_ARM                                                               \
	".pushsection __rseq_cs, \"aw\"\n\t"                                    \
	".balign 32\n\t"                                                        \
	"3: .long 0, 0\n\t"                                                     \
	".quad 1f, 2f - 1f, 4f\n\t"                                             \
	".popsection\n\t"                                                       \
	".pushsection __rseq_failure, \"ax\"\n\t"                               \
	".balign 4\n\t"                                                         \
	".inst 0xd428bc00\n\t"                                                  \
	"4: b %l[aborted]\n\t"                                                  \
	".popsection\n\t"                                                       \
	"adrp %[a], 3b\n\t"                                                     \
	"add %[a], %[a], :lo12:3b\n\t"                                          \
	"str %[a], %[cs]\n\t"                                                   \
	"1:\n\t"

/* The slot's number is in @a: now the array. */
#define UKMEM_SLOT_LOAD                                                         \
	"add %[a], %[base], %[a], lsl #3\n\t"                                   \
	"ldr %[a], [%[a], #512]\n\t"

#define UKMEM_COMMITTED "2:\n\t"

/*
 * Take the newest object of this CPU's array. @test sets the flags, negative for a miss.
 * The upper half of n is 0, so the commit clears idle.
 */
#define UKMEM_POP(test)                                                         \
	UKMEM_ARM                                                               \
	UKMEM_DELAY(0)                                                          \
	"ldrsw %[a], %[index]\n\t"                                              \
	UKMEM_DELAY(1)                                                          \
	UKMEM_SLOT_LOAD                                                         \
	UKMEM_DELAY(2)                                                          \
	"ldr %w[n], [%[a]]\n\t"                                                 \
	UKMEM_DELAY(3)                                                          \
	"add %[object], %[a], %[n], lsl #3\n\t"                                 \
	"ldr %[object], [%[object], #56]\n\t"                                   \
	UKMEM_DELAY(4)                                                          \
	test                                                                    \
	"b.mi %l[miss]\n\t"                                                     \
	UKMEM_DELAY(5)                                                          \
	"str %[n], [%[a]]\n\t"                                                  \
	UKMEM_COMMITTED                                                         \
	UKMEM_WILL_BE_WRITTEN

UKMEM_INLINE enum ukmem_hit ukmem_pop(const void *base, void **object)
{
	const struct ukmem_thread self = ukmem_this_thread();
	uint64_t array, left;
	UKMEM_DELAY_VARIABLE

	__asm__ goto(
		UKMEM_POP("subs %w[n], %w[n], #1\n\t")
		: [object] "=&r" (*object), [a] "=&r" (array), [n] "=&r" (left),
		  [cs] "=Q" (*self.cs)
		  UKMEM_DELAY_REGISTER
		: [base] "r" (base), [index] "Q" (*self.index)
		: "memory", "cc"
		: miss, aborted);
	return UKMEM_HIT;
miss:
	return UKMEM_MISS;
aborted:
	return UKMEM_ABORTED;
}

/* The same, and a miss if @attention is negative: then, or without objects, N is set. */
UKMEM_INLINE enum ukmem_hit ukmem_pop_unless(const void *base, int attention, void **object)
{
	const struct ukmem_thread self = ukmem_this_thread();
	uint64_t array, left;
	UKMEM_DELAY_VARIABLE

	__asm__ goto(
		UKMEM_POP("subs %w[n], %w[n], #1\n\t"
			  "ccmp %w[attention], #0, #8, pl\n\t")
		: [object] "=&r" (*object), [a] "=&r" (array), [n] "=&r" (left),
		  [cs] "=Q" (*self.cs)
		  UKMEM_DELAY_REGISTER
		: [base] "r" (base), [attention] "r" (attention), [index] "Q" (*self.index)
		: "memory", "cc"
		: miss, aborted);
	return UKMEM_HIT;
miss:
	return UKMEM_MISS;
aborted:
	return UKMEM_ABORTED;
}

/*
 * Put @object on this CPU's array, which @slot_load finds. A miss when it is full or the
 * object not its node's.
 */
#define UKMEM_PUSH(slot_load)                                                   \
	UKMEM_ARM                                                               \
	UKMEM_DELAY(6)                                                          \
	"ldrsw %[a], %[index]\n\t"                                              \
	UKMEM_DELAY(7)                                                          \
	slot_load                                                               \
	UKMEM_DELAY(8)                                                          \
	"lsr %[w], %[object], #44\n\t"                                          \
	"add %[w], %[a], %[w], lsl #1\n\t"                                      \
	UKMEM_DELAY(9)                                                          \
	"ldr %w[n], [%[a]]\n\t"                                                 \
	UKMEM_DELAY(10)                                                         \
	"ldrh %w[w], [%[w], #32]\n\t"                                           \
	"cmp %w[n], %w[w]\n\t"                                                  \
	"b.hs %l[full]\n\t"                                                     \
	"add %[w], %[a], %[n], lsl #3\n\t"                                      \
	UKMEM_DELAY(11)                                                         \
	"str %[object], [%[w], #64]\n\t"                                        \
	"add %w[n], %w[n], #1\n\t"                                              \
	UKMEM_DELAY(12)                                                         \
	"str %w[n], [%[a]]\n\t"                                                 \
	UKMEM_COMMITTED

UKMEM_INLINE enum ukmem_hit ukmem_push(const void *base, void *object)
{
	const struct ukmem_thread self = ukmem_this_thread();
	uint64_t array, count, window;
	UKMEM_DELAY_VARIABLE

	__asm__ goto(
		UKMEM_PUSH(UKMEM_SLOT_LOAD)
		: [a] "=&r" (array), [n] "=&r" (count), [w] "=&r" (window),
		  [cs] "=Q" (*self.cs)
		  UKMEM_DELAY_REGISTER
		: [base] "r" (base), [object] "r" (object), [index] "Q" (*self.index)
		: "memory", "cc"
		: full, aborted);
	return UKMEM_HIT;
full:
	return UKMEM_MISS;
aborted:
	return UKMEM_ABORTED;
}

#endif
#endif

/*
 * rseq_x86_64.h: the contract of rseq.h in x86-64.
 *
 * Layout: each use of a sequence emits a descriptor (start, length, abort address)
 * in section __rseq_cs, and an abort handler in __rseq_failure, out of the hit's
 * way. The kernel jumps there only if the four bytes before it are RSEQ_SIG, which
 * are dressed as the operand of a ud1 so that disassemblers keep their footing.
 *
 * No push or pop in here: a signal may use the red zone below the stack pointer.
 * Inputs are not changed, except `attention`, into whose low bits rubbish may fall.
 */
#ifndef ARCH_RSEQ_X86_64_H
#define ARCH_RSEQ_X86_64_H

#include "arch/rseq_delay.h"

/* Load the descriptor's address and arm: from here to label 2 we are restartable. */
#define SEQ_ARM                                                                 \
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
	"movq %[a], %[cs]\n\t"                                                  \
	"1:\n\t"

#define SEQ_SLOT                                                                \
	"movslq %[index], %[a]\n\t"                                             \
	SEQ_SLOT_LOAD

#define SEQ_SLOT_LOAD "movq 512(%[base], %[a], 8), %[a]\n\t"

#define SEQ_COMMITTED "2:\n\t"

/* Offsets in struct array_cache, as text for the assembler. */
#define AVAIL   "(%[a])"
#define LIMIT   "8(%[a])"
#define NODE    "12(%[a])"
#define WINDOW  "32(%[a], %q[w], 2)"

static_assert(offsetof(struct array_cache, avail) == 0 &&
	      offsetof(struct array_cache, idle) == 4 &&
	      offsetof(struct array_cache, limit) == 8 &&
	      offsetof(struct array_cache, node) == 12 &&
	      offsetof(struct array_cache, window_limit) == 32 &&
	      offsetof(struct array_cache, entry) == 64 && WINDOW_SHIFT == 43 &&
	      SLOTS_OFFSET == 512,
	      "the sequences know where the fields are");

/* @attention: negative sends the caller to the door whatever the array holds. */
HOT_INLINE enum seq_result seq_pop(const void *base, int attention, void **object)
{
	uint64_t array, left;
	SEQ_DELAY_VARIABLE

	asm goto(
		SEQ_ARM
		SEQ_DELAY(0)
		"movslq %[index], %[a]\n\t"
		SEQ_DELAY(1)
		SEQ_SLOT_LOAD
		SEQ_DELAY(2)
		"movl " AVAIL ", %k[n]\n\t"
		"subl $1, %k[n]\n\t"
		SEQ_DELAY(3)
		"orl %k[n], %[attention]\n\t"
		"js %l[empty]\n\t"
		SEQ_DELAY(4)
		"movq 64(%[a], %[n], 8), %[object]\n\t"
		SEQ_DELAY(5)
		"movq %[n], " AVAIL "\n\t"
		SEQ_COMMITTED
		: [object] "=&a" (*object), [a] "=&r" (array), [n] "=&r" (left),
		  [attention] "+&r" (attention), [cs] "=m" (*rseq_thread.cs)
		  SEQ_DELAY_REGISTER
		: [base] "r" (base), [index] "m" (*rseq_thread.index)
		: "memory", "cc"
		: empty, aborted);
	return SEQ_DONE;
empty:
	return SEQ_EMPTY;
aborted:
	return SEQ_ABORTED;
}

HOT_INLINE enum seq_result seq_push(const void *base, void *object)
{
	uint64_t array, count, window;
	SEQ_DELAY_VARIABLE

	asm goto(
		SEQ_ARM
		SEQ_DELAY(6)
		"movslq %[index], %[a]\n\t"
		SEQ_DELAY(7)
		SEQ_SLOT_LOAD
		SEQ_DELAY(8)
		"movq %[object], %[w]\n\t"
		"shrq $43, %[w]\n\t"
		"movzwl " WINDOW ", %k[w]\n\t"
		SEQ_DELAY(9)
		"movl " AVAIL ", %k[n]\n\t"
		SEQ_DELAY(10)
		"cmpl %k[w], %k[n]\n\t"
		"jae %l[full]\n\t"
		SEQ_DELAY(11)
		"movq %[object], 64(%[a], %[n], 8)\n\t"
		SEQ_DELAY(12)
		"addl $1, " AVAIL "\n\t"
		SEQ_COMMITTED
		: [a] "=&r" (array), [n] "=&r" (count), [w] "=&r" (window),
		  [cs] "=m" (*rseq_thread.cs)
		  SEQ_DELAY_REGISTER
		: [base] "r" (base), [object] "r" (object), [index] "m" (*rseq_thread.index)
		: "memory", "cc"
		: full, aborted);
	return SEQ_DONE;
full:
	return SEQ_EMPTY;
aborted:
	return SEQ_ABORTED;
}

static inline enum seq_result seq_take_all(const void *base, void **buffer,
					   unsigned max, unsigned *count)
{
	uint64_t array, n, i, entry;
	SEQ_DELAY_VARIABLE

	asm goto(
		SEQ_ARM
		SEQ_DELAY(13)
		SEQ_SLOT
		SEQ_DELAY(14)
		"movl " AVAIL ", %k[n]\n\t"
		"testl %k[n], %k[n]\n\t"
		"jz %l[empty]\n\t"
		"cmpl %[max], %k[n]\n\t"
		"ja %l[empty]\n\t"
		SEQ_DELAY(15)
		"xorl %k[i], %k[i]\n\t"
		"5: movq 64(%[a], %[i], 8), %[entry]\n\t"
		"movq %[entry], (%[buffer], %[i], 8)\n\t"
		SEQ_DELAY(16)
		"incl %k[i]\n\t"
		"cmpl %k[n], %k[i]\n\t"
		"jb 5b\n\t"
		SEQ_DELAY(17)
		"movl $0, " AVAIL "\n\t"
		SEQ_COMMITTED
		: [a] "=&r" (array), [n] "=&r" (n), [i] "=&r" (i), [entry] "=&r" (entry),
		  [cs] "=m" (*rseq_thread.cs)
		  SEQ_DELAY_REGISTER
		: [base] "r" (base), [buffer] "r" (buffer), [max] "r" (max),
		  [index] "m" (*rseq_thread.index)
		: "memory", "cc"
		: empty, aborted);
	*count = (unsigned)n;
	return SEQ_DONE;
empty:
	return SEQ_EMPTY;
aborted:
	return SEQ_ABORTED;
}

static inline enum seq_result seq_put(const void *base, void *const *batch,
		unsigned count, unsigned node, uint64_t keep, unsigned *stored)
{
	uint64_t array, n, i, top;
	SEQ_DELAY_VARIABLE

	asm goto(
		SEQ_ARM
		SEQ_DELAY(18)
		SEQ_SLOT
		SEQ_DELAY(19)
		"movzwl " NODE ", %k[n]\n\t"
		"cmpl %[node], %k[n]\n\t"
		"jne %l[none]\n\t"
		"movl " LIMIT ", %k[n]\n\t"
		SEQ_DELAY(20)
		"movl " AVAIL ", %k[top]\n\t"
		"subl %k[top], %k[n]\n\t"
		"jle %l[none]\n\t"
		"cmpl %[count], %k[n]\n\t"
		"cmoval %[count], %k[n]\n\t"
		SEQ_DELAY(21)
		"xorl %k[i], %k[i]\n\t"
		"leaq 64(%[a], %[top], 8), %[top]\n\t"
		"testl %k[n], %k[n]\n\t"
		"jz 6f\n\t"
		"5: movq (%[batch], %[i], 8), %%rax\n\t"
		"movq %%rax, (%[top], %[i], 8)\n\t"
		SEQ_DELAY(22)
		"incl %k[i]\n\t"
		"cmpl %k[n], %k[i]\n\t"
		"jb 5b\n\t"
		"6: movq " AVAIL ", %%rax\n\t"
		SEQ_DELAY(23)
		"andq %[keep], %%rax\n\t"
		"addq %[n], %%rax\n\t"
		"movq %%rax, " AVAIL "\n\t"
		SEQ_COMMITTED
		: [a] "=&r" (array), [n] "=&r" (n), [i] "=&r" (i), [top] "=&r" (top),
		  [cs] "=m" (*rseq_thread.cs)
		  SEQ_DELAY_REGISTER
		: [base] "r" (base), [batch] "r" (batch), [count] "r" (count),
		  [node] "r" (node), [keep] "r" (keep), [index] "m" (*rseq_thread.index)
		: "memory", "cc", "rax"
		: none, aborted);
	*stored = (unsigned)n;
	return SEQ_DONE;
none:
	return SEQ_EMPTY;
aborted:
	return SEQ_ABORTED;
}

#undef AVAIL
#undef LIMIT
#undef NODE
#undef WINDOW

#endif

/*
 * rseq_x86_64.h: the contract of rseq.h in x86-64.
 *
 * The two hits are in <ukmem/hit.h>, where programs that inline them see them too; here
 * are those that move many objects.
 *
 * No push or pop in here: a signal may use the red zone below the stack pointer.
 * Inputs are not changed.
 */
#ifndef ARCH_RSEQ_X86_64_H
#define ARCH_RSEQ_X86_64_H

#define SEQ_ARM       UKMEM_ARM("%[cs]")
#define SEQ_COMMITTED UKMEM_COMMITTED

#define SEQ_SLOT                                                                \
	"movslq %[index], %[a]\n\t"                                             \
	UKMEM_SLOT_LOAD

/* Offsets in struct array_cache, as text for the assembler. */
#define AVAIL   "(%[a])"
#define LIMIT   "8(%[a])"
#define NODE    "12(%[a])"
#define MARK    "18(%[a])"
#define KEPT    "24(%[a])"

static_assert(offsetof(struct array_cache, avail) == 0 &&
	      offsetof(struct array_cache, idle) == 4 &&
	      offsetof(struct array_cache, limit) == 8 &&
	      offsetof(struct array_cache, node) == 12 &&
	      offsetof(struct array_cache, mark) == 18 &&
	      offsetof(struct array_cache, kept) == 24 &&
	      offsetof(struct array_cache, window_limit) == 32 &&
	      offsetof(struct array_cache, entry) == 64 && WINDOW_SHIFT == 43 &&
	      SLOTS_OFFSET == 512,
	      "the sequences know where the fields are");

HOT_INLINE enum seq_result seq_pop(const void *base, void **object)
{
	return (enum seq_result)ukmem_pop(base, object);
}

HOT_INLINE enum seq_result seq_pop_unless(const void *base, int attention, void **object)
{
	return (enum seq_result)ukmem_pop_unless(base, attention, object);
}

HOT_INLINE enum seq_result seq_push(const void *base, void *object)
{
	return (enum seq_result)ukmem_push(base, object);
}

/* A hit of kfree and free: the slot is found by class, not by cache (cpu/classes.h). */
HOT_INLINE enum seq_result seq_push_class(struct array_cache **const *rows, size_t class,
					 void *object)
{
	const struct ukmem_thread self = ukmem_this_thread();
	uintptr_t array, n = (uintptr_t)self.cs, w = (uintptr_t)self.index;
	SEQ_DELAY_VARIABLE

	asm volatile goto(
		UKMEM_PUSH("shlq $11, %[a]\n\t"
			   "addq %[rows], %[a]\n\t"
			   SEQ_DELAY(7)
			   "movq (%[a], %[class], 8), %[a]\n\t")
		: [a] "=&r" (array), [n] "+&r" (n), [w] "+&r" (w)
		  SEQ_DELAY_REGISTER
		: [rows] "m" (*rows), [class] "r" (class), [object] "r" (object)
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
	const struct ukmem_thread self = ukmem_this_thread();
	uint64_t array, n, to, from, left;
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
		"leaq 64(%[a]), %[from]\n\t"
		"movq %[buffer], %[to]\n\t"
		"movl %k[n], %k[left]\n\t"
		SEQ_DELAY(16)
		"rep movsq\n\t"
		SEQ_DELAY(17)
		"movl $0, " AVAIL "\n\t"
		SEQ_COMMITTED
		: [a] "=&r" (array), [n] "=&r" (n), [to] "=&D" (to), [from] "=&S" (from),
		  [left] "=&c" (left), [cs] "=m" (*self.cs)
		  SEQ_DELAY_REGISTER
		: [base] "r" (base), [buffer] "r" (buffer), [max] "r" (max),
		  [index] "m" (*self.index)
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
	const struct ukmem_thread self = ukmem_this_thread();
	uint64_t array, n, to, from, left;
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
		"movl " AVAIL ", %k[to]\n\t"
		"subl %k[to], %k[n]\n\t"
		"jle %l[none]\n\t"
		"cmpl %[count], %k[n]\n\t"
		"cmoval %[count], %k[n]\n\t"
		SEQ_DELAY(21)
		"leaq 64(%[a], %[to], 8), %[to]\n\t"
		"movq %[batch], %[from]\n\t"
		"movl %k[n], %k[left]\n\t"
		SEQ_DELAY(22)
		"rep movsq\n\t"
		"movq %[keep], " KEPT "\n\t"
		"movq " AVAIL ", %[from]\n\t"
		SEQ_DELAY(23)
		"andq %[keep], %[from]\n\t"
		"addq %[n], %[from]\n\t"
		"movw %w[from], " MARK "\n\t"
		"movq %[from], " AVAIL "\n\t"
		SEQ_COMMITTED
		: [a] "=&r" (array), [n] "=&r" (n), [to] "=&D" (to), [from] "=&S" (from),
		  [left] "=&c" (left), [cs] "=m" (*self.cs)
		  SEQ_DELAY_REGISTER
		: [base] "r" (base), [batch] "r" (batch), [count] "r" (count),
		  [node] "r" (node), [keep] "r" (keep), [index] "m" (*self.index)
		: "memory", "cc"
		: none, aborted);
	*stored = (unsigned)n;
	return SEQ_DONE;
none:
	return SEQ_EMPTY;
aborted:
	return SEQ_ABORTED;
}

/* As @most pops would; @most is not 0. */
static inline enum seq_result seq_pop_some(const void *base, void **objects, unsigned most,
					   unsigned *count)
{
	const struct ukmem_thread self = ukmem_this_thread();
	uint64_t array, n, left, from, i, entry;
	SEQ_DELAY_VARIABLE

	asm goto(
		SEQ_ARM
		SEQ_DELAY(24)
		SEQ_SLOT
		SEQ_DELAY(25)
		"movl " AVAIL ", %k[left]\n\t"
		"testl %k[left], %k[left]\n\t"
		"jz %l[empty]\n\t"
		"movl %[most], %k[n]\n\t"
		"cmpl %k[left], %k[n]\n\t"
		"cmoval %k[left], %k[n]\n\t"
		SEQ_DELAY(26)
		"leaq 56(%[a], %[left], 8), %[from]\n\t"
		"subl %k[n], %k[left]\n\t"
		"xorl %k[i], %k[i]\n\t"
		".p2align 5\n\t"
		"5: movq (%[from]), %[entry]\n\t"
		"movq %[entry], (%[objects], %[i], 8)\n\t"
		"subq $8, %[from]\n\t"
		"addl $1, %k[i]\n\t"
		"cmpl %k[n], %k[i]\n\t"
		"jne 5b\n\t"
		SEQ_DELAY(27)
		"movq %[left], " AVAIL "\n\t"
		SEQ_COMMITTED
		: [a] "=&r" (array), [n] "=&r" (n), [left] "=&r" (left), [from] "=&r" (from),
		  [i] "=&r" (i), [entry] "=&r" (entry), [cs] "=m" (*self.cs)
		  SEQ_DELAY_REGISTER
		: [base] "r" (base), [objects] "r" (objects), [most] "r" (most),
		  [index] "m" (*self.index)
		: "memory", "cc"
		: empty, aborted);
	*count = (unsigned)n;
	return SEQ_DONE;
empty:
	return SEQ_EMPTY;
aborted:
	return SEQ_ABORTED;
}

/* As @count pushes would, of objects that all lie in @window; @count is not 0. */
static inline enum seq_result seq_push_some(const void *base, void *const *objects,
		unsigned count, size_t window, unsigned *stored)
{
	const struct ukmem_thread self = ukmem_this_thread();
	uint64_t array, n, to, i, entry;
	SEQ_DELAY_VARIABLE

	asm goto(
		SEQ_ARM
		SEQ_DELAY(28)
		SEQ_SLOT
		SEQ_DELAY(29)
		"movzwl 32(%[a], %[window], 2), %k[n]\n\t"
		"movl " AVAIL ", %k[to]\n\t"
		"subl %k[to], %k[n]\n\t"
		"jle %l[full]\n\t"
		"cmpl %[count], %k[n]\n\t"
		"cmoval %[count], %k[n]\n\t"
		SEQ_DELAY(30)
		"leaq 64(%[a], %[to], 8), %[to]\n\t"
		"xorl %k[i], %k[i]\n\t"
		".p2align 5\n\t"
		"5: movq (%[objects], %[i], 8), %[entry]\n\t"
		"movq %[entry], (%[to], %[i], 8)\n\t"
		"addl $1, %k[i]\n\t"
		"cmpl %k[n], %k[i]\n\t"
		"jne 5b\n\t"
		SEQ_DELAY(31)
		"addl %k[n], " AVAIL "\n\t"
		SEQ_COMMITTED
		: [a] "=&r" (array), [n] "=&r" (n), [to] "=&r" (to), [i] "=&r" (i),
		  [entry] "=&r" (entry), [cs] "=m" (*self.cs)
		  SEQ_DELAY_REGISTER
		: [base] "r" (base), [objects] "r" (objects), [count] "r" (count),
		  [window] "r" (window), [index] "m" (*self.index)
		: "memory", "cc"
		: full, aborted);
	*stored = (unsigned)n;
	return SEQ_DONE;
full:
	return SEQ_EMPTY;
aborted:
	return SEQ_ABORTED;
}

/* One object of @node, into an array that refuses pushes. */
static inline enum seq_result seq_put_one(const void *base, void *object, unsigned node)
{
	const struct ukmem_thread self = ukmem_this_thread();
	uint64_t array, n;
	SEQ_DELAY_VARIABLE

	asm goto(
		SEQ_ARM
		SEQ_DELAY(6)
		SEQ_SLOT
		SEQ_DELAY(8)
		"movzwl " NODE ", %k[n]\n\t"
		"cmpl %[node], %k[n]\n\t"
		"jne %l[none]\n\t"
		"movl " AVAIL ", %k[n]\n\t"
		SEQ_DELAY(10)
		"cmpl " LIMIT ", %k[n]\n\t"
		"jae %l[none]\n\t"
		SEQ_DELAY(11)
		"movq %[object], 64(%[a], %[n], 8)\n\t"
		SEQ_DELAY(12)
		"addl $1, " AVAIL "\n\t"
		SEQ_COMMITTED
		: [a] "=&r" (array), [n] "=&r" (n), [cs] "=m" (*self.cs)
		  SEQ_DELAY_REGISTER
		: [base] "r" (base), [object] "r" (object), [node] "r" (node),
		  [index] "m" (*self.index)
		: "memory", "cc"
		: none, aborted);
	return SEQ_DONE;
none:
	return SEQ_EMPTY;
aborted:
	return SEQ_ABORTED;
}

#undef AVAIL
#undef LIMIT
#undef NODE
#undef MARK
#undef KEPT

#endif

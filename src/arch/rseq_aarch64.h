/*
 * rseq_aarch64.h: the contract of rseq.h in AArch64.
 *
 * The two hits are in <ukmem/hit_aarch64.h>; here are those that move many objects.
 * Plain loads and stores do: nobody but this CPU looks before a fence, and the kernel
 * orders what threads of one CPU did one after another. Inputs are not changed.
 */
#ifndef ARCH_RSEQ_AARCH64_H
#define ARCH_RSEQ_AARCH64_H

#define SEQ_ARM       UKMEM_ARM
#define SEQ_COMMITTED UKMEM_COMMITTED

#define SEQ_SLOT                                                                \
	"ldrsw %[a], %[index]\n\t"                                              \
	UKMEM_SLOT_LOAD

/* Fields of struct array_cache, as text for the assembler. */
#define AVAIL   "[%[a]]"
#define LIMIT   "[%[a], #8]"
#define NODE    "[%[a], #12]"
#define MARK    "[%[a], #18]"
#define KEPT    "[%[a], #24]"

static_assert(offsetof(struct array_cache, avail) == 0 &&
	      offsetof(struct array_cache, idle) == 4 &&
	      offsetof(struct array_cache, limit) == 8 &&
	      offsetof(struct array_cache, node) == 12 &&
	      offsetof(struct array_cache, mark) == 18 &&
	      offsetof(struct array_cache, kept) == 24 &&
	      offsetof(struct array_cache, window_limit) == 32 &&
	      offsetof(struct array_cache, entry) == 64 && WINDOW_SHIFT == 44 &&
	      SLOTS_OFFSET == 512,
	      "the sequences know where the fields are");

/* Copy @n (not 0) words from @from to @to, both of which move on. */
#define SEQ_COPY(point)                                                         \
	"mov %[i], %[n]\n\t"                                                    \
	"5: ldr %[entry], [%[from]], #8\n\t"                                    \
	"str %[entry], [%[to]], #8\n\t"                                         \
	SEQ_DELAY(point)                                                        \
	"subs %w[i], %w[i], #1\n\t"                                             \
	"b.ne 5b\n\t"

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
	uint64_t array, n, w;
	SEQ_DELAY_VARIABLE

	asm goto(
		UKMEM_PUSH("add %[a], %[rows], %[a], lsl #11\n\t"
			   SEQ_DELAY(7)
			   "ldr %[a], [%[a], %[class], lsl #3]\n\t")
		: [a] "=&r" (array), [n] "=&r" (n), [w] "=&r" (w), [cs] "=Q" (*self.cs)
		  SEQ_DELAY_REGISTER
		: [rows] "r" (*rows), [class] "r" (class), [object] "r" (object),
		  [index] "Q" (*self.index)
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
	uint64_t array, n, i, entry, from, to;
	SEQ_DELAY_VARIABLE

	asm goto(
		SEQ_ARM
		SEQ_DELAY(13)
		SEQ_SLOT
		SEQ_DELAY(14)
		"ldr %w[n], " AVAIL "\n\t"
		"cbz %w[n], %l[empty]\n\t"
		"cmp %w[n], %w[max]\n\t"
		"b.hi %l[empty]\n\t"
		SEQ_DELAY(15)
		"add %[from], %[a], #64\n\t"
		"mov %[to], %[buffer]\n\t"
		SEQ_COPY(16)
		SEQ_DELAY(17)
		"str wzr, " AVAIL "\n\t"
		SEQ_COMMITTED
		: [a] "=&r" (array), [n] "=&r" (n), [i] "=&r" (i), [entry] "=&r" (entry),
		  [from] "=&r" (from), [to] "=&r" (to), [cs] "=Q" (*self.cs)
		  SEQ_DELAY_REGISTER
		: [base] "r" (base), [buffer] "r" (buffer), [max] "r" (max),
		  [index] "Q" (*self.index)
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
	uint64_t array, n, i, entry, from, to;
	SEQ_DELAY_VARIABLE

	asm goto(
		SEQ_ARM
		SEQ_DELAY(18)
		SEQ_SLOT
		SEQ_DELAY(19)
		"ldrh %w[n], " NODE "\n\t"
		"cmp %w[n], %w[node]\n\t"
		"b.ne %l[none]\n\t"
		"ldr %w[n], " LIMIT "\n\t"
		SEQ_DELAY(20)
		"ldr %w[to], " AVAIL "\n\t"
		"subs %w[n], %w[n], %w[to]\n\t"
		"b.le %l[none]\n\t"
		"cmp %w[n], %w[count]\n\t"
		"csel %w[n], %w[count], %w[n], hi\n\t"
		SEQ_DELAY(21)
		"add %[to], %[a], %[to], lsl #3\n\t"
		"add %[to], %[to], #64\n\t"
		"mov %[from], %[batch]\n\t"
		"cbz %w[n], 6f\n\t"
		SEQ_COPY(22)
		"6: str %[keep], " KEPT "\n\t"
		"ldr %[entry], " AVAIL "\n\t"
		SEQ_DELAY(23)
		"and %[entry], %[entry], %[keep]\n\t"
		"add %[entry], %[entry], %[n]\n\t"
		"strh %w[entry], " MARK "\n\t"
		"str %[entry], " AVAIL "\n\t"
		SEQ_COMMITTED
		: [a] "=&r" (array), [n] "=&r" (n), [i] "=&r" (i), [entry] "=&r" (entry),
		  [from] "=&r" (from), [to] "=&r" (to), [cs] "=Q" (*self.cs)
		  SEQ_DELAY_REGISTER
		: [base] "r" (base), [batch] "r" (batch), [count] "r" (count),
		  [node] "r" (node), [keep] "r" (keep), [index] "Q" (*self.index)
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
		"ldr %w[left], " AVAIL "\n\t"
		"cbz %w[left], %l[empty]\n\t"
		"cmp %w[left], %w[most]\n\t"
		"csel %w[n], %w[most], %w[left], hi\n\t"
		SEQ_DELAY(26)
		"add %[from], %[a], %[left], lsl #3\n\t"
		"add %[from], %[from], #64\n\t"
		"sub %w[left], %w[left], %w[n]\n\t"
		"mov %[i], #0\n\t"
		"5: ldr %[entry], [%[from], #-8]!\n\t"
		"str %[entry], [%[objects], %[i], lsl #3]\n\t"
		"add %[i], %[i], #1\n\t"
		"cmp %w[i], %w[n]\n\t"
		"b.ne 5b\n\t"
		SEQ_DELAY(27)
		"str %[left], " AVAIL "\n\t"
		SEQ_COMMITTED
		: [a] "=&r" (array), [n] "=&r" (n), [left] "=&r" (left), [from] "=&r" (from),
		  [i] "=&r" (i), [entry] "=&r" (entry), [cs] "=Q" (*self.cs)
		  SEQ_DELAY_REGISTER
		: [base] "r" (base), [objects] "r" (objects), [most] "r" (most),
		  [index] "Q" (*self.index)
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
	uint64_t array, n, i, entry, from, to;
	SEQ_DELAY_VARIABLE

	asm goto(
		SEQ_ARM
		SEQ_DELAY(28)
		SEQ_SLOT
		SEQ_DELAY(29)
		"add %[from], %[a], %[window], lsl #1\n\t"
		"ldrh %w[n], [%[from], #32]\n\t"
		"ldr %w[to], " AVAIL "\n\t"
		"subs %w[n], %w[n], %w[to]\n\t"
		"b.le %l[full]\n\t"
		"cmp %w[n], %w[count]\n\t"
		"csel %w[n], %w[count], %w[n], hi\n\t"
		SEQ_DELAY(30)
		"add %[to], %[a], %[to], lsl #3\n\t"
		"add %[to], %[to], #64\n\t"
		"mov %[from], %[objects]\n\t"
		SEQ_COPY(31)
		"ldr %w[entry], " AVAIL "\n\t"
		"add %w[entry], %w[entry], %w[n]\n\t"
		"str %w[entry], " AVAIL "\n\t"
		SEQ_COMMITTED
		: [a] "=&r" (array), [n] "=&r" (n), [i] "=&r" (i), [entry] "=&r" (entry),
		  [from] "=&r" (from), [to] "=&r" (to), [cs] "=Q" (*self.cs)
		  SEQ_DELAY_REGISTER
		: [base] "r" (base), [objects] "r" (objects), [count] "r" (count),
		  [window] "r" (window), [index] "Q" (*self.index)
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
	uint64_t array, n, limit;
	SEQ_DELAY_VARIABLE

	asm goto(
		SEQ_ARM
		SEQ_DELAY(6)
		SEQ_SLOT
		SEQ_DELAY(8)
		"ldrh %w[n], " NODE "\n\t"
		"cmp %w[n], %w[node]\n\t"
		"b.ne %l[none]\n\t"
		"ldr %w[n], " AVAIL "\n\t"
		"ldr %w[limit], " LIMIT "\n\t"
		SEQ_DELAY(10)
		"cmp %w[n], %w[limit]\n\t"
		"b.hs %l[none]\n\t"
		SEQ_DELAY(11)
		"add %[limit], %[a], %[n], lsl #3\n\t"
		"str %[object], [%[limit], #64]\n\t"
		"add %w[n], %w[n], #1\n\t"
		SEQ_DELAY(12)
		"str %w[n], " AVAIL "\n\t"
		SEQ_COMMITTED
		: [a] "=&r" (array), [n] "=&r" (n), [limit] "=&r" (limit),
		  [cs] "=Q" (*self.cs)
		  SEQ_DELAY_REGISTER
		: [base] "r" (base), [object] "r" (object), [node] "r" (node),
		  [index] "Q" (*self.index)
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

/*
 * rseq_delay.h: where tests stall a sequence. Empty in every other build.
 *
 * SEQ_DELAY(point) stands between any two instructions of a sequence. The race tests
 * build the library with UKMEM_RSEQ_DELAY, which turns each point into a loop of
 * rseq_delay[point] rounds, so that the timer, a signal or another thread comes in
 * between. A point needs one scratch register and the flags.
 */
#ifndef ARCH_RSEQ_DELAY_H
#define ARCH_RSEQ_DELAY_H

enum { RSEQ_DELAY_POINTS = 32 };

#ifdef UKMEM_RSEQ_DELAY
extern uint32_t rseq_delay[RSEQ_DELAY_POINTS];
#ifdef __aarch64__
#define SEQ_DELAY(point)                                                        \
	"adrp %[delay], rseq_delay+4*" #point "\n\t"                            \
	"ldr %w[delay], [%[delay], :lo12:rseq_delay+4*" #point "]\n\t"          \
	"cbz %w[delay], 79f\n\t"                                               \
	"78: yield\n\t"                                                        \
	"subs %w[delay], %w[delay], #1\n\t"                                    \
	"b.ne 78b\n\t"                                                         \
	"79:\n\t"
#else
#define SEQ_DELAY(point)                                                        \
	"movl rseq_delay+4*" #point "(%%rip), %k[delay]\n\t"                    \
	"testl %k[delay], %k[delay]\n\t"                                        \
	"jz 79f\n\t"                                                            \
	"78: pause\n\t"                                                         \
	"decl %k[delay]\n\t"                                                    \
	"jnz 78b\n\t"                                                           \
	"79:\n\t"
#endif
#define SEQ_DELAY_REGISTER , [delay] "=&r" (delay_scratch)
#define SEQ_DELAY_VARIABLE uint64_t delay_scratch;
#else
#define SEQ_DELAY(point)
#define SEQ_DELAY_REGISTER
#define SEQ_DELAY_VARIABLE
#endif

#undef UKMEM_DELAY
#undef UKMEM_DELAY_REGISTER
#undef UKMEM_DELAY_VARIABLE
#define UKMEM_DELAY(point)   SEQ_DELAY(point)
#define UKMEM_DELAY_REGISTER SEQ_DELAY_REGISTER
#define UKMEM_DELAY_VARIABLE SEQ_DELAY_VARIABLE

#endif

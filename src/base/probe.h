/*
 * probe.h: static tracepoints (USDT): a nop where nobody listens.
 *
 * A note in the file, which is never loaded, tells tracers (bpftrace, perf, gdb,
 * SystemTap) where the nop is and where its four arguments stand. Provider "ukmem".
 * Only on cold roads: in a hit even a nop would be an instruction more.
 */
#ifndef BASE_PROBE_H
#define BASE_PROBE_H

#include "base/compiler.h"

/*
 * Note type 3 of owner "stapsdt": address of the nop, the base by which tracers undo
 * prelinking, no semaphore, then provider, name and arguments, each "8@place".
 */
#define PROBE(name, a, b, c, d)                                                 \
	__asm__ volatile("990: nop\n"                                           \
		".pushsection .note.stapsdt, \"?\", %%note\n"                   \
		".balign 4\n"                                                   \
		".4byte 992f - 991f, 994f - 993f, 3\n"                          \
		"991: .asciz \"stapsdt\"\n"                                     \
		"992: .balign 4\n"                                              \
		"993: .8byte 990b, _.stapsdt.base, 0\n"                         \
		".asciz \"ukmem\"\n"                                            \
		".asciz \"" #name "\"\n"                                        \
		".asciz \"8@%0 8@%1 8@%2 8@%3\"\n"                              \
		"994: .balign 4\n"                                              \
		".popsection\n"                                                 \
		".ifndef _.stapsdt.base\n"                                      \
		".pushsection .stapsdt.base, \"aG\", %%progbits, .stapsdt.base, comdat\n" \
		".weak _.stapsdt.base\n"                                        \
		".hidden _.stapsdt.base\n"                                      \
		"_.stapsdt.base: .space 1\n"                                    \
		".size _.stapsdt.base, 1\n"                                     \
		".popsection\n"                                                 \
		".endif\n"                                                      \
		: : "nor"((uint64_t)(a)), "nor"((uint64_t)(b)),                 \
		    "nor"((uint64_t)(c)), "nor"((uint64_t)(d)))

#endif

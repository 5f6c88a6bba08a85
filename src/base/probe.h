/*
 * probe.h: static tracepoints (USDT): a nop where nobody listens, or not even that.
 *
 * A note in the file, which is never loaded, tells tracers (bpftrace, perf, gdb,
 * SystemTap) an address and where the arguments stand when a thread comes by. Provider
 * "ukmem". On cold roads (PROBE) the address is that of a nop. In a hit a nop would be an
 * instruction more; there it is that of the instruction which follows anyway, in front of
 * the sequence or behind it: never within, where a trap aborts.
 */
#ifndef BASE_PROBE_H
#define BASE_PROBE_H

#include "base/compiler.h"

/*
 * Note type 3 of owner "stapsdt": address, the base by which tracers undo prelinking, no
 * semaphore, then provider, name and arguments, each "bytes@place", minus if signed.
 */
#define PROBE_NOTE(instruction, name, arguments, ...)                           \
	__asm__ volatile("990: " instruction "\n"                               \
		".pushsection .note.stapsdt, \"?\", %%note\n"                   \
		".balign 4\n"                                                   \
		".4byte 992f - 991f, 994f - 993f, 3\n"                          \
		"991: .asciz \"stapsdt\"\n"                                     \
		"992: .balign 4\n"                                              \
		"993: .8byte 990b, _.stapsdt.base, 0\n"                         \
		".asciz \"ukmem\"\n"                                            \
		".asciz \"" name "\"\n"                                         \
		".asciz \"" arguments "\"\n"                                    \
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
		: : __VA_ARGS__)

#define PROBE(name, a, b, c, d)                                                 \
	PROBE_NOTE("nop", #name, "8@%0 8@%1 8@%2 8@%3",                         \
		   "nor"((uint64_t)(a)), "nor"((uint64_t)(b)),                  \
		   "nor"((uint64_t)(c)), "nor"((uint64_t)(d)))

/*
 * In a hit: no instruction. Without tail calls the roads meet behind the hit, where each
 * miss would be heard twice: there it is a nop of the hit's own.
 */
#if defined(UKMEM_DEBUG) || defined(__SANITIZE_ADDRESS__) || defined(__SANITIZE_THREAD__)
#define SLOW_BUILD 1
#define HIT_PLACE "nop"
#else
#define SLOW_BUILD 0
#define HIT_PLACE ""
#endif

/*
 * The kernel's tracepoints of allocation and free, with its arguments in its order. The
 * bytes that were asked for (unsigned) are an operand: "r"(value) or "m"(lvalue), which costs
 * nothing. @allocated and @name are lvalues. @site is SITE(caller) or CALL_SITE.
 */
#define PROBE_ALLOC(probe, site, ...)     PROBE_ALLOC_AT(probe, site, __VA_ARGS__)
#define PROBE_CACHE_FREE(site, ...)       PROBE_CACHE_FREE_AT(site, __VA_ARGS__)
#define PROBE_KFREE(site, object)         PROBE_KFREE_AT(site, object)

#define PROBE_ALLOC_AT(probe, place, site, object, requested, allocated, gfp, node) \
	PROBE_NOTE(HIT_PLACE, #probe, "8@" place " 8@%1 4@%2 4@%3 4@%4 -4@%5",  \
		   site, "r"(object), requested, "m"(allocated), "r"(gfp), "nr"(node))

#define PROBE_CACHE_FREE_AT(place, site, object, name)                          \
	PROBE_NOTE(HIT_PLACE, "kmem_cache_free", "8@" place " 8@%1 8@%2",       \
		   site, "r"(object), "m"(name))

#define PROBE_KFREE_AT(place, site, object)                                     \
	PROBE_NOTE(HIT_PLACE, "kfree", "8@" place " 8@%1", site, "r"(object))

#define SITE(caller) "%0", "r"(caller)

/*
 * Who called this function, in one that has called nothing yet: where the call put it.
 * (clang must fetch it on x86-64: one instruction.) The same for the doors: on AArch64
 * __builtin_return_address makes a frame, in the hit too.
 */
#if defined(__x86_64__) && !defined(__clang__)
#define CALL_SITE "%0", "m"(((const void *const *)__builtin_dwarf_cfa())[-1])
#elif defined(__aarch64__) && defined(__OPTIMIZE__) && !SLOW_BUILD
#define CALL_SITE "x30", "i"(0)
#else
#define CALL_SITE SITE(__builtin_return_address(0))
#endif

#if defined(__aarch64__) && defined(__OPTIMIZE__) && !SLOW_BUILD
#define CALLER link_register()
#else
#define CALLER __builtin_return_address(0)
#endif

#ifdef __aarch64__
/* Without a signature, should it have one (hint 7 is xpaclri). */
HOT_INLINE const void *link_register(void)
{
	const void *caller;

	__asm__ volatile("mov x16, x30\n\t"
			 "hint 7\n\t"
			 "mov %0, x30\n\t"
			 "mov x30, x16" : "=r"(caller) : : "x16");
	return caller;
}
#endif

#endif

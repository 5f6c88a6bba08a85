/*
 * debug_options.h: the words of UKMEM_OPTIONS that find bugs.
 *
 *   debug:LETTERS,PATTERN,...   checks for the caches whose name matches a shell pattern;
 *                               no pattern: all. F consistency, Z red zones, P poison,
 *                               U users, T trace, A failslab; no letters: FZPU
 *   debug:-                     no checks anywhere, flags of caches included: a kernel
 *                               built without them
 *   debug_abort:yes|no          after a report (yes)
 *   leaks:yes|no               a line at exit for each cache with objects still out (no)
 *   debug_quarantine:BYTES      freed objects held back, over all caches (1 MiB)
 *   init_on_alloc:on|off        objects are cleared when they are handed out, or freed:
 *   init_on_free:on|off         all caches but those with a constructor or RCU readers
 *   sample:on|off|N             guarded objects, one in N misses (off; on: 64)
 *   failslab:INTERVAL,PROBABILITY,SPACE,TIMES    likewise fail_page_alloc: and fail_os:
 *                               the kernel's boot options; TIMES -1: for ever
 */
#ifndef OS_DEBUG_OPTIONS_H
#define OS_DEBUG_OPTIONS_H

#include "base/compiler.h"

enum { DEBUG_RULES = 8, DEBUG_PATTERN_BYTES = 120 };

/* When to refuse; see include/ukmem/debug.h. */
struct fail_numbers {
	unsigned interval, probability, space;
	int times;
	bool given;
};

struct debug_options {
	struct debug_rule {
		unsigned flags;                         /* SLAB_... */
		char patterns[DEBUG_PATTERN_BYTES];     /* "a*,b" */
	} rule[DEBUG_RULES];
	unsigned rules;
	bool off, abort, leaks, init_on_alloc, init_on_free;
	unsigned quarantine, sample;
	struct fail_numbers failslab, fail_page_alloc, fail_os;
};

#define DEBUG_OPTIONS_DEFAULTS { .abort = true, .quarantine = 1 << 20 }

/* One word "name:value". False: not one of these, or not understood; nothing changed. */
bool parse_debug_option(struct debug_options *out, const char *name, size_t name_length,
			const char *value, size_t value_length);

#endif

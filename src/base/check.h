/*
 * check.h: what happens when an invariant is broken, or a caller is wrong.
 *
 * slab_assert  our own invariant, by number ("N2"); on in every build, because
 *              limping on with a broken list costs more than the test. Never on
 *              the hit path.
 * slab_debug_assert  the same, only in debug builds (make DEBUG=1).
 * slab_panic   prints one line on stderr and aborts.
 * slab_log     prints one line on stderr. Nothing here allocates.
 */
#ifndef BASE_CHECK_H
#define BASE_CHECK_H

#include "base/compiler.h"

NORETURN COLD void slab_panic(const char *format, ...) PRINTF(1, 2);
COLD void slab_log(const char *format, ...) PRINTF(1, 2);
NORETURN COLD void slab_assert_failed(const char *condition, const char *file, int line);

#define slab_assert(condition)                                                  \
	do {                                                                    \
		if (unlikely(!(condition)))                                     \
			slab_assert_failed(#condition, __FILE__, __LINE__);     \
	} while (0)

#ifdef UKMEM_DEBUG
#define slab_debug_assert(condition) slab_assert(condition)
#else
#define slab_debug_assert(condition) ((void)sizeof(condition))
#endif

#endif
